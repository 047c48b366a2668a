"""Packs pure Python packages of a virtual environment into one compiled, compressed archive on its path.

`pack.py SITE-PACKAGES`. certbot's Cloudflare plugin brings 70 MB of modules and loads a few of them. With the archive the
image is half as large and loads as fast.
"""

import glob
import os
import py_compile
import shutil
import sys
import zipfile

# Files that modules do not need at run time.
IDLE = (".py", ".pyc", ".pyi", ".md", ".cfg", ".h", ".js", ".keep", "py.typed")


def files_of(folder):
    return [os.path.join(path, name) for path, _, names in os.walk(folder) for name in names]


def is_only_python(folder):
    return os.path.exists(os.path.join(folder, "__init__.py")) and all(name.endswith(IDLE) for name in files_of(folder))


def pack(folder, archive):
    for source in sorted(files_of(folder)):
        if source.endswith(".py"):
            # In an archive, a module's source has no modification time that could be compared.
            compiled = py_compile.compile(
                source,
                cfile=source + "c",
                doraise=True,
                # Without docstrings: two thirds of the plugin's text are its reference manual.
                optimize=2 if folder == "cloudflare" else 0,
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
            archive.write(compiled)
    shutil.rmtree(folder)


os.chdir(sys.argv[1])
name = os.path.abspath("packed.zip")
with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for package in sorted(os.listdir()):
        if os.path.isdir(package) and is_only_python(package):
            pack(package, archive)
# These list files that no longer exist.
for record in glob.glob("*.dist-info/RECORD"):
    os.remove(record)
with open("packed.pth", "w") as path:
    print(name, file=path)
