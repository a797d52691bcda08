"""Protection is switched off or passed by: signed programs (`programs`), settings (`protection`, `settings`), foreign
code in programs (`images`), the consent dialogue (`consent`), false names (`disguise`).
"""
