#!/usr/bin/env python3
"""Checks that every #include goes down the layers of layers.txt.

Fails on an include that is not listed, on a cycle, on a module without a line,
and on a public header that shows more than it may.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
# What a public header may include: the standard library, absl::Status, the
# event messages and other public headers.
PUBLIC_ALLOWED = re.compile(r'^(suyuan/|absl/status/(status|statusor)\.h$|[a-z0-9_]+$)')


def read_layers():
    direct = {}
    for line in (ROOT / 'tests/layering/layers.txt').read_text().splitlines():
        line = line.split('#')[0].strip()
        if not line:
            continue
        name, _, others = line.partition(':')
        direct[name.strip()] = others.split()
    return direct


def closure(direct, name, path=()):
    if name in path:
        raise SystemExit(f'layers.txt: cycle {" -> ".join(path + (name,))}')
    allowed = {name}
    for other in direct[name]:
        allowed |= closure(direct, other, path + (name,))
    return allowed


def module_of(path):
    return '/'.join(path.split('/')[:2])


def main():
    direct = read_layers()
    allowed = {name: closure(direct, name) | {'lib/base'} for name in direct}
    problems = []
    files = 0
    for top in ('lib', 'api', 'codegen'):
        for path in sorted((ROOT / top).rglob('*')):
            if path.suffix not in ('.h', '.cc', '.in'):
                continue
            files += 1
            relative = path.relative_to(ROOT).as_posix()
            includes = INCLUDE.findall(path.read_text(encoding='utf-8'))
            if relative.startswith('lib/include/'):
                for kind, name in includes:
                    if not PUBLIC_ALLOWED.match(name):
                        problems.append(f'{relative}: a public header includes {name}')
                continue
            module = module_of(relative)
            if module not in allowed:
                problems.append(f'{relative}: module {module} has no line in layers.txt')
                continue
            for kind, name in includes:
                target = module_of(name)
                if kind == '"' and name.split('/')[0] in ('lib', 'api', 'codegen'):
                    if target not in allowed[module]:
                        problems.append(f'{relative}: {module} may not include {name}')
                elif name == 'suyuan/engine.h' or name == 'suyuan/suyuan.h':
                    if module.startswith('lib/') and module != 'lib/engine':
                        problems.append(f'{relative}: {module} may not include {name}')
    for problem in problems:
        print(problem)
    print(f'{files} files, {len(direct)} modules, {len(problems)} problems')
    # A layering test that looks at nothing proves nothing.
    return 1 if problems or files < 20 else 0


if __name__ == '__main__':
    sys.exit(main())
