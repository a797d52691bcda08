"""What a Kerberos ticket is for: the domain, a machine itself, or a service under an account of its own."""

import numba as nb
import numpy as np

NOTHING, MACHINE, ACCOUNT, EITHER = 0, 1, 2, 3
# Names that every machine's own account bears in Active Directory (sPNMappings of HOST, and what systems register for
# themselves); `krbtgt` and `kadmin` are the domain's. Their keys are drawn, long and changed: nobody cracks them.
_OWN = (
    b"krbtgt", b"kadmin", b"host", b"restrictedkrbhost", b"cifs", b"termsrv", b"wsman", b"rpcss", b"rpc", b"ldap",
    b"gc", b"dns", b"netlogon", b"spooler", b"schedule", b"eventlog", b"dfsr-12f9a27c-bf97-4787-9364-d31b6c55eb04",
    b"ntfrs-88f5d2bd-b646-11d2-a6d3-00c04fc9b232", b"e3514235-4b06-11d1-ab04-00c04fc2dcd2",
)  # fmt: skip
# `http` is a web application's or a machine's own: PowerShell asks so for each machine that it works on (WinRM).
_KINDS = dict.fromkeys(_OWN, MACHINE) | {b"http": EITHER}
_LONGEST = max(map(len, _KINDS))
_LETTERS = np.array([list(name.ljust(_LONGEST, b"\0")) for name in _KINDS], np.uint8)
_SIZES = np.array([len(name) for name in _KINDS], np.int64)
_OF_NAMES = np.array(list(_KINDS.values()), np.int8)


def kinds_of(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """int8[n]: NOTHING where no name is told, MACHINE (also `PC7$`), ACCOUNT, EITHER. data uint8[...], start, length
    int64[n]: names as the log has them, `class/host:port@REALM` or an account's."""
    out = np.full(len(start), ACCOUNT, np.int8)
    _tell(data, start, length, _LETTERS, _SIZES, _OF_NAMES, out)
    return out


@nb.njit(cache=True, nogil=True)
def _tell(data, start, length, letters, sizes, kinds, out):  # type: ignore[no-untyped-def]
    """Fill out int8[n], which says ACCOUNT."""
    for i in range(len(start)):
        if length[i] <= 0:
            out[i] = NOTHING
            continue
        end = 0
        while end < length[i] and data[start[i] + end] != 47 and data[start[i] + end] != 64:
            end += 1
        if end and data[start[i] + end - 1] == 36:
            out[i] = MACHINE
        for k in range(len(sizes)):
            same = sizes[k] == end
            for at in range(sizes[k] if same else 0):
                letter = data[start[i] + at]
                same &= (letter | 32 if 65 <= letter <= 90 else letter) == letters[k, at]
            if same:
                out[i] = kinds[k]
