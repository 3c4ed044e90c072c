"""Who is told of a run: monitors, files, people, a catalogue of lineage. None of them changes how the run ends."""

import json
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from filelock import FileLock
from jsonschema import Draft202012Validator, FormatChecker
from listeners import HOST, Mails, Web, mail_server, web
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from prometheus_client.parser import text_string_to_metric_families
from senders import breach, breaches, extract

from places import CHECKOUT, Outcome, Place
from probation_etl.files import write_file
from probation_etl.operations import heartbeat

Command = Callable[..., Outcome]

SCHEMAS = CHECKOUT / "docs" / "reference" / "schemas"
GOOD, BAD = "N53_breaches_2020-03-01.csv", "N53_breaches_2020-03-29.csv"
SECRET = "s3cr3t-of-the-monitor"  # noqa: S105 -- what must not be shown

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def monitor() -> Iterator[Web]:
    with web() as told:
        yield told


@pytest.fixture
def post_office() -> Iterator[Mails]:
    with mail_server() as mails:
        yield mails


@pytest.fixture
def files(place: Place) -> "Files":
    return Files(place.root)


class Files:
    """The files that a run writes for those who watch it."""

    def __init__(self, root: Path) -> None:
        self.heartbeat, self.metrics = root / "heartbeat.json", root / "probation.prom"
        self.lineage = root / "lineage.jsonl"
        self.options = (
            "--heartbeat", self.heartbeat, "--metrics", self.metrics, "--openlineage", self.lineage,
        )  # fmt: skip

    @property
    def beat(self) -> Any:
        return json.loads(self.heartbeat.read_text(encoding="utf-8"))

    @property
    def numbers(self) -> dict[str, float]:
        """By name and labels, read as Prometheus reads them."""
        families = text_string_to_metric_families(self.metrics.read_text(encoding="utf-8"))
        samples = [sample for family in families for sample in family.samples]
        return {"".join((each.name, *(f" {value}" for value in each.labels.values()))): each.value for each in samples}

    @property
    def events(self) -> list[dict[str, Any]]:
        """Each made again by the library's own classes, which check it."""
        found = [json.loads(line) for line in self.lineage.read_text(encoding="utf-8").splitlines()]
        for each in found:
            given = {key: value for key, value in each.items() if key != "schemaURL"}
            RunEvent(
                **given | {
                    "eventType": RunState(each["eventType"]), "run": Run(**each["run"]), "job": Job(**each["job"]),
                    "inputs": [InputDataset(**one) for one in each["inputs"]],
                    "outputs": [OutputDataset(**one) for one in each["outputs"]],
                }
            )  # fmt: skip
        return found


def noticed(body: bytes) -> dict[str, Any]:
    """A notice of the published shape."""
    document: dict[str, Any] = json.loads(body)
    schema = json.loads((SCHEMAS / "notice.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(document)
    return document


def faulty(place: Place) -> None:
    """One good return, one with a bad row, and a file that is none, all with references to cases."""
    place.put(GOOD, breaches())
    place.put(BAD, extract(breach(9), breach(8, referral_date="none")))
    place.put("X990008.csv", b"a,b\n1,2\n")


def test_everybody_is_told_of_a_run_with_faults(
    place: Place, command: Command, files: Files, monitor: Web, post_office: Mails
) -> None:
    faulty(place)
    targets = (
        "--ping-url", monitor.url("/check/123?tag=etl"), "--notify", monitor.url("/hook", "etl:p%40ss@"),
        "--notify", post_office.url("a@example.org,b@example.org?from=etl@example.org"),
    )  # fmt: skip
    outcome = command(*place.arguments, "--json", *files.options, *targets)
    report = outcome.json
    assert (outcome.code, outcome.err) == (1, "")
    assert sorted(monitor.asked) == ["GET /check/123/1?tag=etl", "GET /check/123/start?tag=etl", "POST /hook"]
    assert monitor.asked[0] == "GET /check/123/start?tag=etl"
    (hook,) = [each for each in monitor.requests if each.method == "POST"]
    assert hook.authorization == "Basic ZXRsOnBAc3M="
    notice = noticed(hook.body)
    assert (notice["run"], notice["verdict"], notice["exit_code"]) == (report["run_id"], "rejected", 1)
    assert notice["attention_total"] == 2
    known = next(each for each in notice["attention"] if each["supplier"])
    assert (known["supplier"], known["contract"], known["period_end"]) == ("N53", "nps-breaches", "2020-03-29")
    (mail,) = post_office.taken
    assert (mail["From"], mail["To"]) == ("etl@example.org", "a@example.org, b@example.org")
    assert "N53 nps-breaches 2020-03-29" in str(mail.get_payload())
    assert files.beat["run"] == report["run_id"]
    assert (files.beat["state"], files.beat["exit_code"]) == ("finished", 1)
    numbers = files.numbers
    assert numbers["probation_etl_run_exit_code"] == 1
    assert numbers["probation_etl_returns rejected"] >= 1
    assert numbers["probation_etl_rows read"] == sum(each["rows"]["read"] for each in report["returns"])
    assert numbers["probation_etl_findings error"] == sum(each["counts"]["error"] for each in report["returns"])
    started, ended = files.events
    assert (started["eventType"], ended["eventType"]) == ("START", "COMPLETE")
    assert started["run"]["runId"] == ended["run"]["runId"]
    assert f"{place.inbox}/{GOOD}" in [each["name"] for each in ended["inputs"]]
    written = {each["name"]: each["outputFacets"]["outputStatistics"]["rowCount"] for each in ended["outputs"]}
    in_store = place.rows("SELECT COUNT(*) FROM unified.breach")
    assert written["unified.breach"] == in_store[0][0]
    told = [hook.body.decode(), str(mail), *(each.read_text() for each in (files.heartbeat, files.metrics))]
    assert [text for text in told if "X99000" in text or "2020-02-19" in text] == []
    modes = [each.stat().st_mode & 0o777 for each in (files.heartbeat, files.metrics, files.lineage)]
    assert modes == [0o600, 0o600, 0o600]


def test_nobody_is_bothered_with_a_run_that_needs_nothing(
    place: Place, command: Command, files: Files, monitor: Web
) -> None:
    place.put(GOOD, breaches())
    files.metrics.touch(mode=0o644)
    targets = ("--ping-url", monitor.url("/check"), "--notify", monitor.url("/hook"))
    assert command(*place.arguments, *files.options, *targets).code == 0
    assert monitor.asked == ["GET /check/start", "GET /check/0"]
    assert files.metrics.stat().st_mode & 0o777 == 0o644
    monitor.requests.clear()
    assert command(*place.arguments, "--notify", monitor.url("/hook"), "--notify-when", "always").code == 0
    assert [noticed(each)["verdict"] for each in monitor.posted] == ["unchanged"]
    before = place.listing()
    assert command(*place.arguments, "--dry-run", *files.options, *targets).code == 0
    assert (len(monitor.requests), place.listing()) == (1, before)


class TestARunThatFails:
    @pytest.mark.parametrize(
        ("more", "code", "kind", "posted"),
        [
            (("--limit", "nothing=1"), 2, "usage", 1),
            (("--reports", "/dev/null/reports"), 3, "environment", 1),
            ((), 75, "locked", 0),
        ],
    )
    def test_is_told_as_what_it_is(
        self, place: Place, command: Command, files: Files, monitor: Web, more: tuple[str, ...], code: int, kind: str,
        posted: int,
    ) -> None:  # fmt: skip
        files.metrics.write_text("# TYPE x gauge\nprobation_etl_run_last_success_timestamp_seconds 12345.5\n")
        targets = ("--ping-url", monitor.url("/check"), "--notify", monitor.url("/hook"))
        with FileLock(f"{place.store}.lock") if code == 75 else FileLock(place.root / "nobody"):
            outcome = command(*place.arguments, *more, *files.options, *targets)
        outcome.refused(code)
        assert monitor.asked[:1] == ["GET /check/start"]
        assert f"GET /check/{code}" in monitor.asked
        assert [noticed(each)["error"]["code"] for each in monitor.posted] == [kind] * posted
        assert (files.beat["state"], files.beat["exit_code"]) == ("failed", code)
        assert files.numbers["probation_etl_run_exit_code"] == code
        assert files.numbers["probation_etl_run_last_success_timestamp_seconds"] == 12345.5
        assert [each["eventType"] for each in files.events] == ["START", "FAIL"]
        assert files.events[1]["run"]["facets"]["errorMessage"]["message"]

    @pytest.mark.parametrize(
        ("error", "code", "state"), [(RuntimeError("X990001"), 70, "FAIL"), (KeyboardInterrupt(), 130, "ABORT")]
    )
    def test_by_a_bug_or_from_the_keyboard_too(
        self, place: Place, command: Command, files: Files, monitor: Web, monkeypatch: pytest.MonkeyPatch,
        error: BaseException, code: int, state: str,
    ) -> None:  # fmt: skip
        def fails(*_: object) -> None:
            raise error

        monkeypatch.setattr("probation_etl.runs.inbox.os.scandir", fails)
        targets = ("--ping-url", monitor.url("/check"), "--notify", monitor.url("/hook"))
        assert command(*place.arguments, *files.options, *targets).code == code
        assert f"GET /check/{code}" in monitor.asked
        assert files.beat["exit_code"] == code
        assert files.events[-1]["eventType"] == state
        assert "X990001" not in files.lineage.read_text() + str(monitor.posted)

    def test_by_a_signal_too(self, place: Place, files: Files, monitor: Web) -> None:
        words = [sys.executable, "-m", "probation_etl", "--log-format", "json", *place.arguments, *files.options]
        run = subprocess.Popen(
            [*map(str, words), "--ping-url", monitor.url("/check")], stderr=subprocess.PIPE, encoding="utf-8"
        )
        monitor.on_first = lambda: run.send_signal(signal.SIGTERM)
        _, said = run.communicate(timeout=300)
        assert run.returncode == 143
        assert monitor.asked == ["GET /check/start", "GET /check/143"]
        assert (files.beat["state"], files.beat["exit_code"]) == ("failed", 143)
        assert [each["eventType"] for each in files.events] == ["START", "ABORT"]
        (line,) = [json.loads(each) for each in said.splitlines()]
        assert (line["exit_code"], line["run"]) == (143, files.beat["run"])


def test_the_heartbeat_goes_on_within_a_file_and_stops_with_the_work(
    place: Place, files: Files, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.put(GOOD, breaches())
    said: list[Any] = []
    monkeypatch.setattr(heartbeat, "_EVERY_SECONDS", 0)
    monkeypatch.setattr(
        heartbeat, "write_file", lambda path, text: (write_file(path, text), said.append(json.loads(text)))
    )
    threads = threading.active_count()
    assert command(*place.arguments, "--settle", 0, "--heartbeat", files.heartbeat).code == 0
    assert threading.active_count() == threads
    states = [(each["state"], each["files_done"]) for each in said]
    # The file is read, identified, validated and loaded; then totals are counted and tables released.
    assert (states[0], states[-1]) == (("begun", None), ("finished", None))
    assert states.count(("working", 0)) > 6
    assert said == sorted(said, key=lambda each: each["at"])


class TestAMonitorThatDoesNotAnswer:
    """Changes nothing but for one warning, which shows nothing that is secret in its address."""

    def test_or_answers_badly(self, place: Place, command: Command, monitor: Web) -> None:
        place.put(GOOD, breaches())
        monitor.answer = 500
        nobody = f"http://user:{SECRET}@{HOST}:9/{SECRET}?key={SECRET}"
        targets = (
            "--ping-url", nobody, "--notify", monitor.url(f"/{SECRET}"), "--notify-when", "always",
            "--heartbeat", "/dev/null/heartbeat", "--metrics", place.root / "nowhere" / "x.prom",
            "--notify", f"smtp://{HOST}:9/{SECRET}@example.org", "--notify", "https://nobody.invalid/",
        )  # fmt: skip
        outcome = command("--log-format", "json", *place.arguments, "--json", *targets)
        assert (outcome.code, outcome.json["verdict"]) == (0, "accepted")
        lines = [json.loads(line) for line in outcome.err.splitlines()]
        schema = Draft202012Validator(json.loads((SCHEMAS / "log.schema.json").read_text(encoding="utf-8")))
        for each in lines:
            schema.validate(each)
        warned = [each["message"].rpartition(": ")[2] for each in lines if each["stage"] == "notify"]
        assert {"it answered with 500", "Connection refused", "Not a directory", "No such file or directory"} <= set(
            warned
        )
        assert {each["run"] for each in lines} == {outcome.json["run_id"]}
        assert SECRET not in outcome.err + outcome.out

    def test_or_answers_after_too_long(
        self, place: Place, command: Command, monitor: Web, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monitor.seconds = 1.0
        monkeypatch.setattr("probation_etl.operations.watch.SECONDS", 0.05)
        outcome = command(*place.arguments, "--ping-url", monitor.url("/check"))
        assert outcome.code == 0
        assert outcome.err.count("no answer within") == 2


class TestMail:
    """The password of a mail account: from a file or the environment, and over an encrypted connection alone."""

    @pytest.fixture
    def encrypted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(tmp_path / "ca.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST).configure_cert(context)
        return context

    def test_goes_over_an_encrypted_connection_with_the_password_of_a_file(
        self, place: Place, command: Command, encrypted: ssl.SSLContext
    ) -> None:
        (place.root / "password").write_text(f"{SECRET}\n")
        more = ("--notify-when", "always", "--mail-password-file", place.root / "password")
        with mail_server(tls_context=encrypted, auth_required=True) as mails:
            outcome = command(*place.arguments, "--notify", mails.url("a@example.org", "etl%40example.org@"), *more)
        assert (outcome.code, outcome.err) == (0, "")
        assert mails.logins == [(b"etl@example.org", SECRET.encode())]
        assert [each["From"] for each in mails.taken] == ["etl@example.org"]

    def test_goes_over_smtps_with_the_password_of_the_environment(
        self, place: Place, command: Command, encrypted: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROBATION_ETL_MAIL_PASSWORD", SECRET)
        more = ("--notify-when", "always")
        with mail_server(ssl_context=encrypted, auth_require_tls=False) as mails:
            url = mails.url("a@example.org", "etl@", "smtps")
            outcome = command(*place.arguments, "--notify", url, *more)
            assert (outcome.code, outcome.err, len(mails.taken)) == (0, "", 1)
            monkeypatch.setenv("PROBATION_ETL_MAIL_PASSWORD", "wrong")
            outcome = command(*place.arguments, "--notify", url, *more)
            assert "it refuses the user or the password" in outcome.err
            monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
            outcome = command(*place.arguments, "--notify", url, *more)
            assert "its certificate is not trusted" in outcome.err
        assert (outcome.code, len(mails.taken)) == (0, 1)

    def test_sends_no_password_where_there_is_no_encryption(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PROBATION_ETL_MAIL_PASSWORD", SECRET)
        with mail_server(auth_require_tls=False) as mails:
            url = mails.url("a@example.org", "etl@")
            outcome = command(*place.arguments, "--notify", url, "--notify-when", "always")
        assert "it offers no encryption, and a password is not sent without" in outcome.err
        assert (outcome.code, mails.taken, mails.logins) == (0, [], [])


class TestWhatCannotBeMeant:
    @pytest.mark.parametrize(
        ("option", "text"),
        [
            ("--ping-url", f"ftp://{SECRET}.example/x"),
            ("--ping-url", SECRET),
            ("--notify", f"smtp://etl:{SECRET}@mail.example/a@example.org"),
            ("--notify", f"smtp://mail.example/{SECRET}"),
            ("--notify", f"smtp://mail.example/{SECRET}@example.org%0ABcc:x@example.org"),
            ("--notify", f"http://[{SECRET}"),
            ("--openlineage", f"http://:{SECRET}@/"),
        ],
    )
    def test_is_refused_without_being_repeated(self, place: Place, command: Command, option: str, text: str) -> None:
        outcome = command(*place.arguments, option, text)
        outcome.refused(2, option)
        assert SECRET not in outcome.err

    def test_is_an_address_where_a_file_is_expected(self, place: Place, command: Command) -> None:
        command(*place.arguments, "--heartbeat", "https://example.org/x").refused(2, "is an address")
        command(*place.arguments, "--openlineage", "s3://bucket/x").refused(2, "is an address")

    def test_is_openlineage_without_its_library(
        self, place: Place, command: Command, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in [name for name in sys.modules if name.startswith("openlineage")]:
            monkeypatch.setitem(sys.modules, name, None)
        monkeypatch.delitem(sys.modules, "probation_etl.operations.lineage", raising=False)
        command(*place.arguments, "--openlineage", "x").refused(2, "probation-etl[openlineage]")

    def test_is_a_password_file_that_is_not_there(self, place: Place, command: Command) -> None:
        options = ("--notify", "smtp://etl@mail.example/a@example.org", "--mail-password-file", "nowhere")
        command(*place.arguments, *options).refused(3, "nowhere")


def test_targets_come_from_the_environment_and_the_configuration_and_no_help_shows_them(
    place: Place, command: Command, files: Files, monitor: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBATION_ETL_RUN_PING_URL", monitor.url(f"/{SECRET}"))
    (place.root / "settings.toml").write_text(
        f'[run]\nheartbeat = "{files.heartbeat}"\nnotify = ["{monitor.url("/hook")}"]\nnotify-when = "always"\n'
    )
    config = ("--config", place.root / "settings.toml")
    assert command(*config, *place.arguments).code == 0
    assert monitor.asked[0] == f"GET /{SECRET}/start"
    assert sorted(monitor.asked[1:]) == [f"GET /{SECRET}/0", "POST /hook"]
    assert files.beat["state"] == "finished"
    help_ = command(*config, "run", "--help").out
    assert "--ping-url" in help_
    assert SECRET not in help_
    assert str(monitor.port) not in help_
