"""Small servers for what no package of the distribution serves; each is a program of its own."""
