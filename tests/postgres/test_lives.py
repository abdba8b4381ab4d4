"""Who starts the server, who shares it, and what ends it."""

import os
import signal
import time
from pathlib import Path

import psycopg

from academy.postgres import ensure, wait_until_stopped

from .town import Town, ask, is_alive, tell, until


def test_first_start_makes_everything(empty_town: Town) -> None:
    began = time.monotonic()
    url = empty_town.user().url()
    assert time.monotonic() - began < 10
    made = "SELECT format('%s %s %s %s', current_user, datname, datlocprovider, datlocale) FROM pg_database"
    assert ask(url, f"{made} WHERE datname = current_database()") == "academy academy b C.UTF-8"
    assert ask(url, "SELECT current_setting('listen_addresses')") == ""
    assert ask(url, "SELECT uuid_extract_version(uuidv7())") == 7


def test_letters_of_every_script_are_letters(town: Town) -> None:
    url = town.user().url()
    tell(url, "CREATE EXTENSION pg_trgm")
    assert ask(url, "SELECT to_tsvector('simple', 'ÄÖÜ «Жук» —')::text") == "'äöü':1 'жук':2"
    assert ask(url, "SELECT cardinality(show_trgm('Жук'))") == 4


def test_all_who_come_at_once_get_one_server(empty_town: Town) -> None:
    users = [empty_town.user() for _ in range(6)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT 1") == 1
    assert empty_town.log("ready to accept connections") == 1


def test_server_stays_for_the_second_and_stops_after_the_last(town: Town) -> None:
    first, second = town.user(), town.user()
    url = second.url()
    assert first.url() == url
    tell(url, "CREATE TABLE kept AS SELECT 1 AS n")
    first.leave()
    time.sleep(1.6)  # longer than the supervisor lingers
    assert ask(url, "SELECT n FROM kept") == 1
    second.leave()
    until(lambda: not town.has_server())
    assert town.log("database system is shut down") == 1
    assert wait_until_stopped(town.data, seconds=5)
    assert ask(town.user().url(), "SELECT n FROM kept") == 1


def test_server_stops_after_all_were_killed(town: Town) -> None:
    users = [town.user(), town.user()]
    for user in users:
        user.url()
    supervisor, postmaster = town.supervisor, town.postmaster
    for user in users:
        user.kill()
    until(lambda: not is_alive(supervisor) and not is_alive(postmaster))
    assert town.log("database system is shut down") == 1


def test_killed_server_comes_back_with_its_data(town: Town) -> None:
    url = town.user().url()
    tell(url, "CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    killed = town.postmaster
    os.kill(killed, signal.SIGKILL)
    assert ask(town.user().url(), "SELECT count(*) FROM kept") == 1000
    assert town.postmaster != killed


def test_server_killed_while_a_session_computes_comes_back(town: Town) -> None:
    url = town.user().url()
    busy = psycopg.connect(url)
    computing = "DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$"
    busy.pgconn.send_query(computing.encode())
    time.sleep(0.2)
    os.kill(town.postmaster, signal.SIGKILL)
    assert ask(town.user().url(), "SELECT 1") == 1
    busy.close()


def test_killed_supervisor_is_replaced_and_the_server_kept(town: Town) -> None:
    url = town.user().url()
    killed, postmaster = town.supervisor, town.postmaster
    with psycopg.connect(url) as connection:
        os.kill(killed, signal.SIGKILL)
        until(lambda: not is_alive(killed))
        assert town.user().url() == url
        until(lambda: town.places.supervisor.read_text() not in ("", f"{killed}\n"))
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert town.postmaster == postmaster
    os.kill(postmaster, signal.SIGKILL)  # the new supervisor is not its parent, and sees it all the same
    assert ask(town.user().url(), "SELECT 1") == 1
    assert town.postmaster != postmaster
    for user in town.users:
        user.leave()
    until(lambda: not town.has_server())


def test_server_without_supervisor_is_still_seen(town: Town) -> None:
    user = town.user()
    user.url()
    os.kill(town.supervisor, signal.SIGKILL)
    user.kill()
    assert not wait_until_stopped(town.data)
    town.user().url()
    town.users[-1].kill()
    assert wait_until_stopped(town.data, seconds=5)


def test_adopted_server_of_a_moved_folder_stops(town: Town, tmp_path: Path) -> None:
    town.user().url()
    killed, postmaster = town.supervisor, town.postmaster
    os.kill(killed, signal.SIGKILL)
    until(lambda: not is_alive(killed))
    town.user().url()
    until(lambda: town.log("another supervisor left"))
    town.data.rename(tmp_path / "moved")
    until(lambda: not is_alive(postmaster))
    (tmp_path / "moved").rename(town.data)


def test_deleted_log_disturbs_nobody(town: Town) -> None:
    url = town.user().url()
    postmaster = town.postmaster
    town.places.log.unlink()
    time.sleep(0.6)  # two looks of the supervisor
    assert ask(url, "SELECT 1") == 1
    assert town.postmaster == postmaster


def test_folder_that_is_moved_loses_its_server(town: Town, tmp_path: Path) -> None:
    town.user().url()
    postmaster = town.postmaster
    town.data.rename(tmp_path / "moved")
    until(lambda: not is_alive(postmaster))
    (tmp_path / "moved").rename(town.data)


def test_warm_call_joins_the_server_that_runs(town: Town) -> None:
    town.user().url()
    server = ensure(town.data, durable=False)
    assert ask(server.url, "SELECT 1") == 1
    assert not wait_until_stopped(town.data)


def test_folder_made_anew_at_the_same_path_is_another(town: Town, tmp_path: Path) -> None:
    before = ask(ensure(town.data, durable=False).url, "SELECT system_identifier::text FROM pg_control_system()")
    supervisor = town.supervisor
    town.data.rename(tmp_path / "moved")
    until(lambda: not is_alive(supervisor))
    after = ask(ensure(town.data, durable=False).url, "SELECT system_identifier::text FROM pg_control_system()")
    assert after != before
