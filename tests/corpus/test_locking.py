from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from corpus.errors import StoreLocked, StoreUnavailable
from corpus.locking import LOCK_FILE, PID_FILE, WriterLock

HOLD = """
import sys
from pathlib import Path
from corpus.locking import WriterLock
with WriterLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
print("released", flush=True)
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until it reads a line."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.readline() == "held\n"
        yield process
        if process.poll() is None:
            process.kill()


def test_a_second_process_is_told_who_holds_the_lock(holder, tmp_path):
    lock = WriterLock(tmp_path)
    with pytest.raises(StoreLocked, match=f"Process {holder.pid} is writing"):
        lock.acquire()
    with pytest.raises(StoreLocked, match=f"Process {holder.pid} is writing"):
        lock.acquire(timeout=0.1)
    holder.communicate("go\n")
    with lock:
        assert (tmp_path / PID_FILE).read_text() == f"{os.getpid()}\n"


def test_whoever_waits_gets_the_lock_when_it_is_free(holder, tmp_path):
    threading.Timer(0.2, lambda: holder.stdin.write("go\n") and holder.stdin.flush()).start()
    with WriterLock(tmp_path, timeout=30):
        assert holder.stdout.readline() == "released\n"


def test_a_dead_holder_holds_nothing(holder, tmp_path):
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / PID_FILE).exists()
    with WriterLock(tmp_path):
        assert (tmp_path / PID_FILE).read_text() == f"{os.getpid()}\n"


def test_the_holding_thread_may_take_it_again(tmp_path):
    lock, other = WriterLock(tmp_path), WriterLock(tmp_path)
    with lock:
        with lock:
            pass
        with pytest.raises(StoreLocked, match=rf"Another task of this process \({os.getpid()}\)"):
            other.acquire()
    assert not (tmp_path / PID_FILE).exists()
    with other, pytest.raises(StoreLocked):
        lock.acquire()


def in_thread(action):
    caught = []

    def run():
        try:
            action()
        except (StoreLocked, RuntimeError) as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return caught


def test_another_thread_must_wait_and_cannot_release(tmp_path):
    lock = WriterLock(tmp_path)
    with lock:
        (locked,) = in_thread(lock.acquire)
        assert isinstance(locked, StoreLocked)
        (wrong,) = in_thread(lock.release)
        assert isinstance(wrong, RuntimeError)
        with pytest.raises(StoreLocked):
            WriterLock(tmp_path).acquire()
    assert in_thread(lambda: lock.acquire() or lock.release()) == []


def test_threads_take_turns(tmp_path):
    lock = WriterLock(tmp_path, timeout=60)
    inside, most = [], []

    def work():
        for _ in range(20):
            with lock:
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 80


def test_a_release_too_many_is_a_mistake(tmp_path):
    lock = WriterLock(tmp_path)
    with pytest.raises(RuntimeError, match="only the thread"):
        lock.release()
    with lock:
        pass
    with pytest.raises(RuntimeError, match="only the thread"):
        lock.release()


@pytest.mark.parametrize("note", ["", "no number", None])
def test_a_holder_without_a_readable_note_is_another_process(holder, tmp_path, note):
    if note is None:
        (tmp_path / PID_FILE).unlink()
    else:
        (tmp_path / PID_FILE).write_text(note)
    with pytest.raises(StoreLocked, match="Another process is writing"):
        WriterLock(tmp_path).acquire()


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        WriterLock(tmp_path / "file").acquire()
    (tmp_path / LOCK_FILE).mkdir()
    lock = WriterLock(tmp_path)
    with pytest.raises(StoreUnavailable, match="cannot be written"):
        lock.acquire()
    (tmp_path / LOCK_FILE).rmdir()
    with lock:
        pass
