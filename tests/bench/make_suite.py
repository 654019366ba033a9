#!/usr/bin/env python3
"""Writes a large suite: make_suite.py DIRECTORY [--modules N] [--tests N] [--shared N].

Each module has TESTS / MODULES tests, functions of its own, an effect, and imports from a few shared modules, which
import each other in a chain. Every test opens one shell and passes. The same arguments give the same bytes.
"""

import argparse
import pathlib
import shutil

TEXT = '''import shared/tools_{shared} {{ checked_{shared}, describe_{shared} as describe }}

// Module {module}: what a service of this kind is tested for.
fn announce_{module}(name, value) {{
    > echo "${{name}}: ${{value}}"
    <? ^${{name}}: (\\S+)$
    $1
}}

pure fn label_{module}(kind, number) {{
    let joined = "${{kind}}-{module}-${{number}}"
    upper(joined)
}}

effect Service{module} {{
    expect NAME_{module}
    expose service
    let greeting = "service ${{NAME_{module}}}"
    shell service {{
        > echo ${{greeting}}
        <? ^service (.*)$
    }}
    cleanup {{
        > echo stopped
    }}
}}

'''

TEST = '''test "module {module} case {case}" {{
    """
    Round trip {case} of module {module}.
    """
    let wanted = label_{module}("case", "{case}")
    shell s {{
        > echo ${{wanted}}
        <? ^CASE-{module}-{case}$
        let came = announce_{module}("value", "{case}")
        came ? ^{case}$
        checked_{shared}("{case}")
    }}
}}

'''

SHARED = '''{imports}pure fn describe_{shared}(text) {{
    "${{text}} of {shared}"
}}

fn checked_{shared}(text) {{
    let described = describe_{shared}(text)
    > echo ${{described}}
    <? ^(\\S+) of {shared}$
}}
'''


def write_suite(root, modules, tests, shared=20):
    """Returns the bytes written, without the manifest."""
    root = pathlib.Path(root)
    shutil.rmtree(root, ignore_errors=True)
    (root / "relux" / "lib" / "shared").mkdir(parents=True)
    (root / "Relux.toml").write_text('name = "large"\n\n[timeout]\nmatch = "60s"\nsuite = "1h"\n')
    written = 0
    for number in range(shared):
        imports = f"import shared/tools_{number - 1} {{ describe_{number - 1} }}\n\n" if number else ""
        written += (root / "relux" / "lib" / "shared" / f"tools_{number}.relux").write_text(
            SHARED.format(imports=imports, shared=number))
    for module in range(modules):
        directory = root / "relux" / "tests" / f"group_{module % 50}"
        directory.mkdir(parents=True, exist_ok=True)
        names = {"module": module, "shared": module % shared}
        first = tests * module // modules
        text = TEXT.format(**names) + "".join(
            TEST.format(case=case, **names) for case in range(tests * (module + 1) // modules - first))
        written += (directory / f"module_{module}.relux").write_text(text)
    return written


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory")
    parser.add_argument("--modules", type=int, default=2000)
    parser.add_argument("--tests", type=int, default=20000)
    parser.add_argument("--shared", type=int, default=20, help="modules that others import")
    options = parser.parse_args()
    print(f"{write_suite(options.directory, options.modules, options.tests, options.shared)} bytes")


if __name__ == "__main__":
    main()
