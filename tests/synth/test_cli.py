"""Commands as a user gives them: what they print, what they leave on disk, how they end."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.gold import SAMPLE
from synth.cli import COMMANDS
from tests.conftest import Loaded, Outcome

Synth = Callable[..., Outcome]


def state(folder: Path) -> dict[str, str]:
    """Hashes of all files but the derived ones."""
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and ".synth" not in p.parts and p.name != "made"
    }


def one_line(outcome: Outcome) -> bool:
    return outcome.err.startswith("synth: ") and outcome.err.count("\n") == 1 and "Traceback" not in outcome.err


class TestTheMainJob:
    def test_new_add_run_from_an_announcement_and_mails(self, synth: Synth, tmp_path: Path) -> None:
        folder = tmp_path / "water"
        new = synth("new", folder, "--from", SAMPLE / "announcement.txt")
        assert new.code == 0
        assert "2 topics, 6 questions · English (French still to come)" in new.out
        added = synth("-C", folder, "add", SAMPLE / "digest.txt", SAMPLE / "forum-post.md")
        assert added.code == 0
        assert "12 contributions in 2 files" in added.out
        assert "2.2 is quoted, not answered" in added.out
        assert "28 contact details replaced" in added.out
        done = synth("-C", folder, "run")
        assert done.code == 0
        assert "all supported" in done.out
        assert "11 of 12 contributors" in done.out
        for name in ("report.en.html", "report.fr.html", "report.en.md", "report.fr.md", "report.json", "verdict.json"):
            assert (folder / "report" / name).stat().st_size > 500

    def test_sources_are_kept_byte_for_byte(self, sample: Loaded) -> None:
        assert (sample.folder / "sources" / "digest.txt").read_bytes() == (SAMPLE / "digest.txt").read_bytes()

    def test_what_was_added_once_is_not_added_again(self, synth: Synth, copy: Path) -> None:
        before = state(copy)
        again = synth("-C", copy, "add", SAMPLE / "digest.txt")
        assert "11 contributions were there already" in again.out
        assert state(copy) == before

    def test_a_second_copy_of_the_same_words_is_not_taken_in(self, synth: Synth, copy: Path, tmp_path: Path) -> None:
        twin = tmp_path / "again.txt"
        twin.write_bytes((SAMPLE / "forum-post.md").read_text(encoding="utf-8").replace("\u202f", " ").encode("cp1252"))
        done = synth("-C", copy, "add", twin)
        assert "says the same as C12" in done.err
        assert len(list((copy / "contributions").glob("*.md"))) == 12

    def test_the_demo_does_not_touch_a_discussion_of_ones_own(self, synth: Synth, tmp_path: Path) -> None:
        synth("new", tmp_path / "own", "--from", SAMPLE / "announcement.txt")
        before = state(tmp_path / "own")
        done = synth("demo", tmp_path / "own")
        assert done.code == 2
        assert one_line(done)
        assert state(tmp_path / "own") == before

    def test_a_dry_run_of_add_writes_nothing(self, synth: Synth, tmp_path: Path) -> None:
        folder = tmp_path / "d"
        synth("new", folder, "--from", SAMPLE / "announcement.txt")
        before = state(folder)
        assert "11 contributions in 1 file" in synth("-C", folder, "add", SAMPLE / "digest.txt", "--dry-run").out
        assert state(folder) == before

    def test_add_as_json_says_what_it_found(self, synth: Synth, tmp_path: Path) -> None:
        folder = tmp_path / "d"
        synth("new", folder, "--from", SAMPLE / "announcement.txt")
        rows = synth("add", "-C", folder, SAMPLE / "digest.txt", "--json").json
        assert [r["id"] for r in rows] == [f"C{i:02d}" for i in range(1, 12)]
        assert rows[8]["look_at"] == ["answers no question that was asked"]

    def test_a_rerun_with_nothing_changed_leaves_every_file_as_it_is(self, synth: Synth, copy: Path) -> None:
        assert synth("-C", copy, "run").code == 0
        before, times = state(copy), {p: p.stat().st_mtime_ns for p in copy.rglob("*.*") if ".synth" not in p.parts}
        again = synth("-C", copy, "run")
        assert "nothing is stale" in again.out
        assert state(copy) == before
        assert {p: p.stat().st_mtime_ns for p in times} == times

    def test_everything_derived_may_be_deleted(self, synth: Synth, copy: Path) -> None:
        before = state(copy)
        shutil.rmtree(copy / ".synth")
        assert synth("-C", copy, "run").code == 0
        assert state(copy) == before

    def test_only_what_a_late_contribution_touches_is_drafted_again(
        self, synth: Synth, copy: Path, tmp_path: Path
    ) -> None:
        before = state(copy)
        late = tmp_path / "late.txt"
        late.write_text(
            "Dear all,\n\nTopic 2, question 3: What information on the functioning of water points should be collected, by whom, and who "
            "should be able to see it?\n\nIn Mozambique the health workers collect one figure a week, the days without water, and the "
            "district must answer in public within ten days. Since 2020 the longest breakdown fell from 90 to 21 days.\n\nRegards,\nPaulo Macuane\n"
        )
        synth("-C", copy, "add", late)
        assert synth("-C", copy, "run").code == 0
        after = state(copy)
        changed = sorted(n for n in after if n.startswith("drafts/") and before.get(n) != after[n])
        assert changed == ["drafts/2.3.json", "drafts/recommendations.json"]
        assert "C13" in (copy / "report" / "report.json").read_text()

    def test_a_label_corrected_by_hand_is_taken_by_the_next_run(self, synth: Synth, copy: Path) -> None:
        path = copy / "contributions" / "C10.md"
        path.write_text(path.read_text().replace("question: '2'", "question: '2.1'"))
        assert synth("-C", copy, "run").code == 0
        report = json.loads((copy / "report" / "report.json").read_text())
        under = {
            q["id"]: {c["contribution"] for t in q["themes"] for claim in t["claims"] for c in claim["citations"]}
            for q in report["questions"]
        }
        assert "C10" in under["2.1"]
        assert "C10" not in under.get("2", set())

    def test_an_announcement_in_each_language_fills_both(self, synth: Synth, tmp_path: Path) -> None:
        french = tmp_path / "annonce.txt"
        french.write_text(
            "Discussion en ligne : des points d’eau qui durent\n\nSujet 1 : Comment répartir les coûts de fonctionnement des points d’eau ?\n\n"
            "1) Quelles formes de paiement ont permis de maintenir les points d’eau ?\n\n2) Comment desservir les ménages qui ne peuvent pas payer ?\n"
        )
        folder = tmp_path / "d"
        done = synth("new", folder, "--from", SAMPLE / "announcement.txt", "--from", french)
        assert done.code == 0
        assert "English and French" in done.out
        text = (folder / "discussion.toml").read_text()
        assert "Quelles formes de paiement" in text
        assert "Which forms of payment" in text

    def test_completion_for_a_shell(self, synth: Synth) -> None:
        assert "_SYNTH_COMPLETE" in synth("completion", "bash").out


class TestChecking:
    def test_check_passes_on_a_fresh_report(self, synth: Synth, copy: Path) -> None:
        checked = synth("-C", copy, "check", "--json")
        assert (checked.code, checked.json["failed"], checked.json["supported_by"]) == (0, 0, "gates")

    def test_a_contribution_changed_after_the_draft_fails_the_check_by_name(self, synth: Synth, copy: Path) -> None:
        path = copy / "contributions" / "C03.md"
        path.write_text(path.read_text().replace("A committee is a meeting", "A committee is no meeting"))
        checked = synth("-C", copy, "check")
        assert checked.code == 1
        assert "span: the words quoted from C03" in checked.out
        verdict = json.loads((copy / "report" / "verdict.json").read_text())
        assert verdict["failed"] == len({u["claim"] for u in verdict["unsupported"]}) > 0

    def test_a_claim_that_fails_is_in_no_report(self, synth: Synth, copy: Path) -> None:
        path = copy / "drafts" / "2.1.json"
        draft = json.loads(path.read_text())
        draft["themes"][0]["claims"][0]["citations"][0]["quote"] = "Nobody ever said this."
        path.write_text(json.dumps(draft))
        assert synth("-C", copy, "report").code == 1
        assert "Nobody ever said this" not in (copy / "report" / "report.json").read_text()


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "code", "says"),
        [
            (["-C", "{nowhere}", "run"], 2, "is no discussion"),
            (["-C", "{copy}", "add", "{nowhere}/x.txt"], 3, "there is no such file"),
            (["-C", "{copy}", "draft", "-q", "9.9"], 2, "there is no question 9.9"),
            (["-C", "{copy}", "report", "--format", "odt"], 2, "'odt' is not part of this version"),
            (["-C", "{copy}", "report", "--lang", "de"], 2, "no report in 'de'"),
            (["-C", "{copy}", "run", "--engine", "llm"], 2, "the llm engine needs a model"),
            (["new", "{copy}", "--title", "x"], 2, "is a discussion already"),
            (["new", "{nowhere}"], 2, "name the announcement with --from"),
            (["new", "{nowhere}", "--from", "{copy}/contributions/C09.md"], 3, "no question was found"),
        ],
    )
    def test_each_is_said_with_the_right_exit_code(
        self, synth: Synth, copy: Path, tmp_path: Path, arguments: list[str], code: int, says: str
    ) -> None:
        before = state(copy)
        done = synth(*[a.format(copy=copy, nowhere=tmp_path / "nowhere") for a in arguments])
        assert done.code == code
        assert says in done.err
        assert "Traceback" not in done.err
        assert state(copy) == before

    def test_bad_files_among_good_ones_are_named_and_the_rest_taken(self, synth: Synth, tmp_path: Path) -> None:
        folder = tmp_path / "d"
        synth("new", folder, "--from", SAMPLE / "announcement.txt")
        bad = {
            "empty.txt": b"",
            "binary.txt": b"\x00\x01\x02" * 50,
            "odd.txt": b"abc\x81\x8d\xff",
            "picture.png": b"\x89PNG",
        }
        for name, data in bad.items():
            (tmp_path / name).write_bytes(data)
        files = [tmp_path / name for name in bad] + [SAMPLE / "announcement.txt", SAMPLE / "forum-post.md"]
        done = synth("-C", folder, "add", *files)
        assert done.code == 3
        assert all(name in done.err for name in [*bad, "announcement.txt"])
        assert done.err.count("\n") == 5
        assert [p.name for p in (folder / "contributions").iterdir()] == ["C01.md"]
        assert not (folder / "sources" / "empty.txt").exists()

    def test_broken_contributions_are_named_and_the_rest_is_run(self, synth: Synth, copy: Path) -> None:
        files = copy / "contributions"
        (files / "C02.md").write_text((files / "C02.md").read_text().replace("id: C02", "id: [C02"))
        (files / "C05.md").write_text("no header")
        (files / "C20.md").write_text((files / "C03.md").read_text())
        kept = {p.name: p.read_bytes() for p in files.iterdir()}
        done = synth("-C", copy, "run")
        assert done.code == 3
        assert [name for name in ("C02.md", "C05.md", "C20.md") if name in done.err] == ["C02.md", "C05.md", "C20.md"]
        assert "9 of 12 contributors" in done.out
        assert "C02 is not in the report: its file in contributions/ could not be read" in done.out
        assert {p.name: p.read_bytes() for p in files.iterdir()} == kept

    def test_a_discussion_without_questions_is_one_line(self, synth: Synth, tmp_path: Path) -> None:
        (tmp_path / "discussion.toml").write_text('title = "x"\n')
        done = synth("-C", tmp_path, "run")
        assert done.code == 2
        assert one_line(done)

    @pytest.mark.parametrize(
        "content", ['title = "x', "topics = 3", '[[topics]]\nid = "a"', '[[topics]]\nen = "no id"']
    )
    def test_a_broken_discussion_is_one_line_that_names_the_file(
        self, synth: Synth, tmp_path: Path, content: str
    ) -> None:
        (tmp_path / "discussion.toml").write_text(content)
        done = synth("-C", tmp_path, "status")
        assert done.code == 2
        assert one_line(done)
        assert "discussion.toml" in done.err

    def test_a_broken_draft_is_named_and_not_overwritten(self, synth: Synth, copy: Path) -> None:
        path = copy / "drafts" / "1.1.json"
        path.write_text('{"question": "1.1"')
        done = synth("-C", copy, "run")
        assert done.code == 3
        assert "1.1.json: is broken" in done.err
        assert path.read_text() == '{"question": "1.1"'
        assert '"id": "1.1"' in (copy / "report" / "report.json").read_text()

    def test_a_folder_that_cannot_be_written_is_one_line(self, copy: Path) -> None:
        """As another user: root may write anywhere."""
        code = (
            "import os, sys\nfrom synth.cli import _run\nfrom pathlib import Path\n"
            "_run(['-C', sys.argv[1], 'status'], True)\n"  # everything is imported while it still may be read
            "import synth.cli.run, filelock, chromadb, vectorstore.lock\n"
            "os.getuid() or os.setuid(65534)\n"
            "sys.exit(_run(['-C', sys.argv[1], 'run'], False))"
        )
        (copy / "drafts" / "1.1.json").unlink()
        shutil.rmtree(copy / ".synth")
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        for parent in list(copy.parents)[:6]:
            if os.access(parent, os.W_OK) and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o055)
        done = subprocess.run(
            [sys.executable, "-c", code, str(copy)],
            capture_output=True,
            text=True,
            timeout=120,
            cwd=Path(__file__).parents[2],
        )
        for path in [copy, *copy.rglob("*")]:
            path.chmod(0o755)
        assert done.returncode == 2, done.stderr
        assert done.stderr.startswith("synth: ")
        assert "cannot be written" in done.stderr
        assert "Traceback" not in done.stderr

    def test_an_interrupted_run_ends_with_130_and_the_next_one_finishes(self, copy: Path) -> None:
        for path in [*(copy / "drafts").glob("*"), *(copy / "report").glob("*")]:
            path.unlink()
        shutil.rmtree(copy / ".synth")
        process = subprocess.Popen(
            [sys.executable, "-m", "synth", "-C", str(copy), "run"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        marker = copy / ".synth" / "lock.json"
        while not marker.exists() and process.poll() is None:
            os.sched_yield()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert "Traceback" not in err
        done = subprocess.run(
            [sys.executable, "-m", "synth", "-C", str(copy), "run"], capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr


class TestReading:
    def test_status_says_what_is_there(self, synth: Synth, copy: Path) -> None:
        found = synth("-C", copy, "status", "--json").json
        assert (found["contributions"], found["index"], found["questions"]["1.1"]["state"]) == (
            12,
            "current",
            "current",
        )

    def test_search_as_json(self, synth: Synth, copy: Path) -> None:
        rows = synth("-C", copy, "search", "counterfeit seals sold", "on the markets", "-n", "3", "--json").json
        assert len(rows) == 3
        assert "C06" in {row["passage"][:3] for row in rows}

    def test_a_dry_run_says_what_is_stale_and_writes_nothing(self, synth: Synth, copy: Path) -> None:
        (copy / "drafts" / "1.2.json").unlink()
        before = state(copy)
        assert "Stale: 1.2." in synth("-C", copy, "run", "--dry-run").out
        assert state(copy) == before

    def test_the_doctor_says_what_works(self, synth: Synth, copy: Path) -> None:
        rows = synth("-C", copy, "doctor", "--json").json
        assert {r["what"]: r["works"] for r in rows} == {
            "Python": True,
            "Discussion": True,
            "Embedder": True,
            "Index": True,
            "Model": True,
        }

    def test_a_reader_does_not_wait_for_a_writer(self, copy: Path) -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", "import sys; from pathlib import Path; from vectorstore.lock import hold; hold(Path(sys.argv[1]), 'run'); print('held', flush=True); sys.stdin.read()", str(copy)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()
        try:
            done = subprocess.run(
                [sys.executable, "-m", "synth", "-C", str(copy), "search", "spare parts"],
                capture_output=True,
                text=True,
                timeout=30,
            )
            assert done.returncode == 0, done.stderr
            assert "waiting" not in done.stderr
        finally:
            holder.communicate("", timeout=10)


class TestHelp:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_every_command_has_help_with_an_example(self, synth: Synth, name: str) -> None:
        done = synth(name, "--help")
        assert done.code == 0
        assert "Example:" in done.out
        assert f"synth{'' if name in ('demo', 'new', 'doctor', 'completion') else ' -C tunis'} {name}" in done.out

    def test_help_imports_nothing_heavy(self) -> None:
        code = (
            "import sys; from synth.cli import _run; _run(['--help'], True);"
            "heavy = {'chromadb', 'langchain', 'langchain_core', 'openai', 'sklearn', 'numpy', 'pydantic', 'babel'} & set(sys.modules);"
            "sys.exit(str(heavy) if heavy else 0)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr

    def test_an_unknown_command_is_wrong_usage(self, synth: Synth) -> None:
        assert synth("frobnicate").code == 2
