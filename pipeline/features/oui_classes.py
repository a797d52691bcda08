"""Address prefixes (IEEE MA-L) of makers whose devices are of one class: what a MAC address says about its owner.

Made from the registry that netaddr carries by `device_classes.class_of_maker`, which a test holds it to. Written down
because detectors read no files. Makers of many kinds of machine are left out.
"""

import numpy as np

from pipeline.features.device_classes import CODES

_PREFIXES = {
    "infusion_pump": """
        0003b1 001221 001a01 00b094 00d075 5842e4 5846e1 60f673 8833be 9cc8ae f8c678
    """,
    "patient_monitor": """
        0002bd 00095c 0009fb 000f14 001afa 001c05 004097 0040d1 00a037 00a09a 00a0aa 0809b6 3c26d5 40bd9e 444b5d
        44599f 504a5e 7041b7 7c94b2 8809af a0f217 b810d4 c816a5 c88be8 e0c2b7
    """,
    "ventilator": """
        00105d 001fff 00236d 002541 0030e6 f0e5c3
    """,
    "ecg": """
        000db8 000f82
    """,
    "imaging": """
        0008fb 000921 000c35 000d11 001019 001686 001aaa 001d4a 006093 00e096 00e0a4 080066 88b436
    """,
    "lab_analyzer": """
        000443 00066b 000a91 000e2f 0013dd 001780 001865 001c38 001e76 002138 0030d3 004049 006019 00e090 081dc4
        20e791 28def6 60893c b05b1f b87879 c0a26d d0d286 d860b0
    """,
    "medical": """
        000bc4 000f19 0014b8 002252 002508 0064a6 349b5b dc16a2 e4751e
    """,
    "printer": """
        000000 000001 000002 000003 000004 000005 000006 000007 000008 000009 000048 000074 000085 0000aa 000400
        000512 00074d 000896 000d70 001157 001570 001998 001ba9 001e8f 002000 00206b 0021b7 002294 002368 002536
        002673 0026ab 0050aa 008077 008087 0084ed 00a0f8 00bbc1 00edb8 080072 080086 180cac 2429fe 245fdf 2c9efc
        2cff65 30055c 349f7b 381a52 389d92 3c2af4 4083de 40f8df 44d244 488eb7 50579c 583879 5c625a 60128b 609532
        64c6d2 64eb8c 6855d4 6c3c7c 6c7660 6cf2d8 7438b7 7493a4 74bfc0 788c77 78b8d6 80739f 84248d 84ba3b 888717
        9075de 94ddf8 94fb29 9c32ce 9c934e 9caed3 a4d73c a4ee57 ac1826 b0e892 b42200 c421c8 c47dcc c81cfe c83a1b
        cc82eb d0f520 d4f0c9 d8492f dcc2c9 dccd2f e0bb9e e84dec f48139 f4a997 f80d60 f82551 f8a26d f8d027
    """,
    "camera": """
        000131 0002d1 0003c5 000463 0013e2 001a07 001c44 00408c 00651e 040312 085411 08a189 08cc81 08eded 0c75d2
        1012fb 14a78b 1868cb 188025 240f9b 2428fd 2432ae 244845 24526a 2857be 2ca59c 340962 38af29 3c1bf8 3ce36b
        3cef8c 40acbf 4419b6 4447cc 44a642 48ea63 4c11bf 4c62df 4cbd8f 4cf5dc 50e538 548c81 54c415 5803fb 5850ed
        5c345b 5cf51a 64db8b 64fd29 686dbc 6c1c71 6cf17e 743fc2 74c929 807c62 80beaf 80f5ae 849a40 8ce748 8ce9b4
        9002a9 94e1ac 988b0a 989de5 98df82 98f112 98f9cc 9c1463 9c8ecd a06032 a0bd1d a0ff0c a41437 a41894 a4d5c2
        acb92f accb51 accc8e b44c3b b4a382 b8a44f bc325f bc5e33 bc9b5e bcad28 bcbac2 c0395a c0517e c056e3 c06ded
        c42f90 c47905 c4aac4 d4430e d4e853 dc07f8 dcd26a e02efe e0508b e0a700 e0baad e0ca3c e0df13 e4246c e43022
        e82725 e8a0ed ec71db eca971 ecc89c f4b1c2 f84dfc f8ce07 fc5f49 fc9ffd fcb69d
    """,
    "phone": """
        00013e 00040d 000413 0004f2 00085d 0009ef 000b82 001565 001b4f 00549f 00907a 00e007 048a15 08000f 0c383e
        10cdae 1400e9 14612f 249ad8 24b209 24d921 2cf4c5 3475c7 38bb3c 3c3a73 3cb15b 44322a 44dbd2 506184 50cd22
        581626 6049c1 64167f 646a52 64a7dd 64c354 6ca849 6cfa58 703018 7038ee 7052c5 707c69 801daa 805e0c 805ec0
        848371 90fb5b a009ed a01290 a051c6 a4251b a47886 b0adaa b4475e b4a95a b4b017 bcadab c057bc c074ad c4bed4
        c4fc22 c81fea c8f406 ccf954 d47856 d4ea0e e45d52 ec74d7 f81547 f873a2 fc8399 fca841
    """,
    "building_automation": """
        000054 0000bc 000105 000123 0001f0 000252 0002d9 000519 000ab0 000c81 000fe7 00108d 001100 0012ea 001324
        001d9c 001e1e 0030de 0040ae 00602d 00a003 00a045 00c0e4 00d06f 086195 184c08 20443a 346d9c 34c0f9 404101
        5c2167 5c8816 5cc213 68c8eb 6c6567 74f661 8407c4 942e17 a8741d bcf499 ccccea e48ebb e49069 f45433 fc71fa
    """,
}


def _table() -> tuple[np.ndarray, np.ndarray]:
    pairs = sorted((int(prefix, 16), CODES[name]) for name, text in _PREFIXES.items() for prefix in text.split())
    return np.array([p for p, _ in pairs], np.int64), np.array([c for _, c in pairs], np.int8)


OUI_PREFIXES, OUI_CODES = _table()
"""int64[m], sorted: the first three bytes as a number; int8[m]: the class (`device_classes.NAMES`)."""
