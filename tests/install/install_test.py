#!/usr/bin/env python3
"""Installs the library, builds examples/mes against it in a project of its own, runs it.

install_test.py SOURCE BUILD [CXX_FLAGS]
"""
import os
import pathlib
import subprocess
import sys
import tempfile

SOURCE, BUILD = map(pathlib.Path, sys.argv[1:3])
FLAGS = sys.argv[3] if len(sys.argv) > 3 else ''


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f'{command} failed:\n{result.stdout}\n{result.stderr}')
    return result.stdout


with tempfile.TemporaryDirectory() as directory:
    work = pathlib.Path(directory)
    run('cmake', '--install', BUILD, '--prefix', work / 'prefix')
    run('cmake', '-S', SOURCE / 'examples/mes', '-B', work / 'build', '-G', 'Ninja',
        '-DCMAKE_BUILD_TYPE=Debug', f'-DCMAKE_CXX_FLAGS={FLAGS}',
        f'-DCMAKE_PREFIX_PATH={work / "prefix"}')
    run('cmake', '--build', work / 'build')
    for _ in range(2):  # the second time everything is there already
        printed = run(work / 'build/mes', work / 'data')
        expected = ('chg-0001 is entry 1\nprd-0001 is entry 2\n'
                    'in lot:uscc:91310116MA1J8XYC4H/06912345000017/A20251103B\n')
        if printed != expected:
            sys.exit(f'expected:\n{expected}\nfound:\n{printed}')
    headers = sorted(p.name for p in (work / 'prefix/include/suyuan').glob('*.h'))
    public = sorted(p.name for p in (SOURCE / 'lib/include/suyuan').glob('*.h'))
    if headers != public:
        sys.exit(f'installed headers {headers}, expected {public}')
    private = [p for p in (work / 'prefix').rglob('*') if '/lib/' in str(p) and p.suffix == '.h']
    if private:
        sys.exit(f'private headers are installed: {private}')
    lines = (SOURCE / 'examples/mes/main.cc').read_text().count('\n')
    if lines > 60:
        sys.exit(f'examples/mes/main.cc has {lines} lines, at most 60 are promised')
print('installed, found, linked, run')
