"""Paths of shared files taken apart in compiled code: ending, the ending before it, and the last name."""

from functools import cache

import numba as nb
import numpy as np

from pipeline.features.hashing import hash_slice, hash_text

# Endings that programs of offices and hospitals write; what is not here is odd until it was seen for a day.
_KNOWN = (
    "doc docx docm dot dotx dotm xls xlsx xlsm xlsb xlt xltx ppt pptx pptm pps ppsx pot potx pdf txt rtf csv tsv md "
    "odt ods odp odg pub vsd vsdx mpp one onetoc2 msg eml pst ost ics vcf htm html mht xml xsl xsd json yml yaml "
    "ini cfg conf log url lnk jpg jpeg png gif bmp tif tiff heic webp svg ico psd ai raw dng mp3 mp4 m4a m4v wav "
    "wma wmv avi mov mkv flac zip 7z rar gz tgz tar bz2 xz zst iso img cab msi exe dll sys bat cmd ps1 vbs js py sh "
    "jar class java c h cpp cs sql db mdb accdb ldb laccdb sqlite dbf mdf ldf ndf bkf vhd vhdx vmdk avhdx edb dat "
    "bin dcm dicom hl7 cda nii nrrd edf fhir r3d dwg dxf stl kdbx pem crt cer pfx p12 key ttf otf woff woff2 css "
    "scss ts tsx php asp aspx jsp qvd qvw sav rds rdata ipynb mat xps indd swf chm hlp inf reg manifest nupkg apk "
    "vob srt epub mobi"
)
# What programs write first and rename when it is whole, what they keep of the last version, and rotated logs.
_PASSING = (
    "tmp temp part partial crdownload download bak backup old orig swp swo lock lck new save sv $$$ wbk asd xlk "
    "filepart opdownload 1 2 3 4 5 6 7 8 9"
)


@cache
def known_endings() -> np.ndarray:
    """uint64[k], sorted hashes of endings that are ordinary."""
    return np.sort(np.array([hash_text(e) for e in _KNOWN.split()], np.uint64))


@cache
def passing_endings() -> np.ndarray:
    """uint64[k], sorted hashes of endings of passing files."""
    return np.sort(np.array([hash_text(e) for e in _PASSING.split()], np.uint64))


@nb.njit(cache=True, nogil=True)
def path_parts(data: np.ndarray, start: np.ndarray, length: np.ndarray) -> np.ndarray:
    """uint64[4, n], hashes in lower case, 0 where there is none: the ending, the ending before it (`docx` of
    `a.docx.locked`), the last name with its endings, the folders before it."""
    out = np.zeros((4, len(start)), np.uint64)
    most = 0
    for i in range(len(start)):
        most = max(most, length[i])
    name = np.empty(most + 1, np.uint8)
    for i in range(len(start)):
        size = length[i]
        if size <= 0:
            continue
        base, last, before = 0, -1, -1
        for k in range(size):
            b = data[start[i] + k]
            name[k] = b + 32 if 65 <= b <= 90 else b
            if b == 92 or b == 47:
                base, last, before = k + 1, -1, -1
            elif b == 46:
                before, last = last, k
        if last > base and last + 1 < size:
            out[0, i] = hash_slice(name, last + 1, size - last - 1)
        if before > base and last > before + 1:
            out[1, i] = hash_slice(name, before + 1, last - before - 1)
        if base < size:
            out[2, i] = hash_slice(name, base, size - base)
        if base > 0:
            out[3, i] = hash_slice(name, 0, base)
    return out
