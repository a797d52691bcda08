"""What can be billed: codes with charges of the right order (of no fee schedule), and which codes contain which."""

VISITS = {"99212": 75.0, "99213": 120.0, "99214": 175.0, "99215": 240.0}
EMERGENCY = {"99282": 140.0, "99283": 230.0, "99284": 380.0, "99285": 560.0}
ADMISSION = {"99221": 170.0, "99222": 240.0, "99223": 340.0}
WARD_DAY = {"99231": 75.0, "99232": 130.0, "99233": 185.0}
DISCHARGE = {"99238": 140.0}
TESTS = {"93000": 48.0, "36415": 9.0, "81003": 12.0, "94010": 58.0, "G0439": 130.0, "90471": 28.0}
LABORATORY = {"80053": 38.0, "85025": 22.0, "80061": 31.0, "84443": 44.0, "88305": 140.0}
IMAGING = {"71046": 95.0, "70450": 420.0, "74177": 690.0, "73610": 80.0}
THERAPY = {"97110": 42.0, "97140": 40.0, "97530": 44.0}
OPERATIONS = {"47562": 2100.0, "27447": 3900.0, "49505": 1400.0, "29881": 1700.0, "43239": 900.0}
ANAESTHESIA = {"00840": 9.0, "01402": 11.0, "00790": 10.0}
"""By the minute."""
DRUGS = {f"00093-{code}-01": charge for code, charge in (("1048", 9.0), ("7146", 12.0), ("2264", 8.0), ("5057", 15.0))}
OPIOIDS = {"00406-0512-01": 22.0, "00406-0552-01": 31.0, "00228-2879-11": 27.0}
"""Drugs by product code (NDC form)."""
PANEL = "80053"
PARTS = {"82040": 12.0, "82247": 11.0, "82310": 12.0, "84075": 12.0, "84155": 9.0, "82565": 11.0}
"""Tests that the panel 80053 contains."""
CODE_PAIRS = (
    *((PANEL, part, "0") for part in PARTS),
    ("29881", "29870", "1"), ("43239", "43235", "0"), ("47562", "49320", "1"), ("27447", "27310", "1"),
    ("97140", "97530", "1"),
)  # fmt: skip
"""The contained code (column 2) is not paid beside the other (column 1); `1`: unless a modifier says why."""
CONTAINED = {"29870": 1100.0, "43235": 520.0, "49320": 800.0, "27310": 1300.0}
# How often each level of visit is billed, the lowest first, by department: of the shape of published Medicare mixes.
LEVELS = {
    "Medicine": (2.0, 8.0, 8.0, 1.0), "Surgery": (4.0, 9.0, 4.0, 0.5), "Paediatrics": (3.0, 10.0, 5.0, 0.4),
    "Emergency": (1.0, 4.0, 6.0, 3.0), "": (2.0, 6.0, 3.0, 1.0),
}  # fmt: skip
