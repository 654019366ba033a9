"""Many processes that write one cache at once, and processes that are killed while they write it.

Whatever happens to the cache, archives are the bytes that a compiler without one makes, and runs pass.
"""

import os
import random
import resource
import shutil
import subprocess
import time

BULK = 30  # files whose compilation makes a pack of some hundred kilobytes
BULK_TEST = '''test "bulk {file} {number}" {{
    """
    One of many, so that what is written into the cache is no single block.
    """
    shell s {{
        > echo "bulk {file} {number}"
        <? ^bulk {file} {number}$
        match_ok()
    }}
}}

'''
WRITERS = 16


def add_bulk(project):
    directory = project.root / "relux" / "tests" / "bulk"
    directory.mkdir()
    for file in range(BULK):
        (directory / f"bulk_{file}.relux").write_text(
            "".join(BULK_TEST.format(file=file, number=number) for number in range(20)), encoding="utf-8")


def cache_of(project):
    return project.parent / "cache" / "relux"


def temporaries(cache):
    return [name for _, _, names in os.walk(cache) for name in names if ".new-" in name]


def build(project, name, *words):
    run = project.run("build", "-o", name, *words, program="reluxc")
    file = project.root / name
    return run, file.read_bytes() if run.status == 0 else None


def check_many_writers(checks, project, rounds):
    """Half of them compile everything, the others compile some files and run them."""
    cache = cache_of(project)
    wrong = []
    _, good = build(project, "good.rxb", "--no-cache")
    for _ in range(rounds):
        shutil.rmtree(cache, ignore_errors=True)
        compilers = {number: project.start("build", "-o", f"suite-{number}.rxb", program="reluxc")
                     for number in range(0, WRITERS, 2)}
        runners = [project.start("run", "relux/tests/plain.relux", "relux/tests/uses.relux")
                   for _ in range(1, WRITERS, 2)]
        for number, process in compilers.items():
            _, said = process.communicate(timeout=300)
            archive = project.root / f"suite-{number}.rxb"
            if process.returncode != 0 or archive.read_bytes() != good:
                wrong.append(f"compiler {number}: {process.returncode} {said}")
            archive.unlink(missing_ok=True)
        for process in runners:
            _, said = process.communicate(timeout=300)
            if process.returncode != 0 or "2 passed; 0 failed" not in said or "nothing is cached" in said:
                wrong.append(f"run: {process.returncode} {said}")
        wrong += temporaries(cache)
        run, again = build(project, "again.rxb", "--why")
        if again != good or ": compiled: " in run.stderr or "not used: " in run.stderr:
            wrong.append(f"afterwards: {run.said()}")
    checks.check(f"sixteen compile and run on an empty cache, {rounds} times: one result, and all of it cached",
                 good and not wrong, "\n".join(wrong[:5]))


def kill_at_any_moment(project, chance):
    """With kill -9: half of them when they are seen to write, the others from before their first line on."""
    process = project.start("build", "-o", "killed.rxb", program="reluxc")
    if chance.random() < 0.5:
        while process.poll() is None and not temporaries(cache_of(project)):
            pass
        until = time.monotonic() + chance.uniform(0, 0.002)
    else:
        until = time.monotonic() + chance.uniform(0, 0.03)
    # Where it is hit differs from run to run; what follows must not.
    while time.monotonic() < until:
        pass
    process.kill()
    process.communicate()


def stop_at_byte(project, size):
    """No file may grow beyond `size`: a write that ends within a pack, whatever the speed. What it said."""
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = subprocess.run([project.binaries / "reluxc", "build", "-o", "killed.rxb"], cwd=project.root,
                          env=project.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, preexec_fn=limit, check=False)
    return done.stderr


def check_killed_writers(checks, project, attempts):
    cache = cache_of(project)
    shutil.rmtree(cache, ignore_errors=True)
    _, good = build(project, "good.rxb", "--no-cache")
    build(project, "first.rxb")
    pack = max(file.stat().st_size for file in cache.rglob("*.rxp"))
    chance = random.Random(7)
    wrong = []
    in_the_middle = 0
    for attempt in range(attempts):
        # What an earlier one has left stays beside it now and then.
        if chance.random() < 0.7:
            shutil.rmtree(cache, ignore_errors=True)
        before = len(temporaries(cache))
        at_byte = attempt % 2 == 0 and not list(cache.rglob("*.rxp")) if cache.exists() else attempt % 2 == 0
        if at_byte:
            said = stop_at_byte(project, chance.randrange(pack))
            if "nothing is cached" not in said:
                wrong.append(f"attempt {attempt}: it was to end within a file: {said}")
        else:
            kill_at_any_moment(project, chance)
        left = len(temporaries(cache)) > before
        in_the_middle += left
        if at_byte and left:
            wrong.append(f"attempt {attempt}: what could not be written whole is left")
        run, after = build(project, "after.rxb")
        if after != good or "nothing is cached" in run.stderr:
            wrong.append(f"attempt {attempt}: {run.said()}")
        killed = project.root / "killed.rxb"
        if killed.exists() and killed.read_bytes() != good:
            wrong.append(f"attempt {attempt}: half an archive")
        killed.unlink(missing_ok=True)
    run = project.run("run", "relux/tests/plain.relux")
    checks.check(f"a compiler killed while it writes the cache, {attempts} times: no bad entry is used",
                 run.status == 0 and not wrong, "\n".join(wrong[:5]))
    print(f"of them {in_the_middle} have left a half-written file")
