"""Writes config/import/*.yaml as C strings, so that the program works without its files: embed_mappings.py OUT FILE..."""
import json
import pathlib
import sys

with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write('/* Generated from config/import by src/crm/embed_mappings.py. */\n#include "crm/crm_mapping.h"\n\n')
    out.write("const CrmBuiltin CRM_BUILTINS[] = {\n")
    for path in map(pathlib.Path, sys.argv[2:]):
        text = path.read_text(encoding="ascii")
        lines = "\n".join("     " + json.dumps(line) for line in text.splitlines(keepends=True))
        out.write(f"    {{{json.dumps(path.stem)},\n{lines}}},\n")
    out.write("    {0},\n};\n")
