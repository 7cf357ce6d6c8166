"""Gathers the texts that `distil.py` shows to the teacher: questions and answers of many subjects, short and long.

    python texts.py SOURCES TEXTS.jsonl [NAME_OF_SOURCE ...]

README.md lists what SOURCES holds, from where and under which licence. A source gives passages (whole paragraphs) and
requests (what a user would type); passages are cut into pieces of one sentence up to 180 words, because a conversation
holds both. The bundled corpus is not a source. Same folder, same texts.
"""

import glob
import gzip
import html
import json
import pathlib
import random
import re
import sys

from worked import made_up

SEED = 0
# At most so many texts of a source, so that none drowns the others.
MOST = {"books": 26000, "commands": 5000, "python manual": 6000, "wordnet": 12000, "foldoc": 2500, "gcide": 1500, "jargon": 1500, "quotations": 2500, "manuals": 22000,
        "whole answers": 4000, "long passages": 4000}
ASK = (
    "what is {}?", "explain {}", "can you explain {} to me?", "how does {} work?", "tell me about {}", "{}: what do I need to know?",
    "I don't understand {}, can you help?", "give me an example of {}", "why does {} matter?", "summarise {} in two sentences",
    "what's the difference between {} and {other}?", "how is {} related to {other}?", "is {} the same as {other}?",
    "what are common mistakes with {}", "write a short note about {}", "ok and what about {}?", "compare {} with {other} pls",
)
DO = ("how do I {}?", "how can i {}", "what's the best way to {}?", "I want to {}. where do I start?", "show me how to {}", "is there an easy way to {}?",
      "help me {}", "what happens if I {}?", "i tried to {} and it didn't work, why?")


def tidy(text):
    return re.sub(r"[ \t]+", " ", re.sub(r"\s*\n\s*\n\s*", "\n\n", text)).strip()


def markdown(text):
    """Paragraphs and headings of a page of Markdown, without front matter, markup of the books and links."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    text = re.sub(r"size \d+\{.*?\} *\{\}|^ *\[\d+\]: .*$", "", text, flags=re.M)
    text = re.sub(r"\{:[^}]*\}|<[^>]+>|!\[[^\]]*\]\([^)]*\)|\[\\\[link\\\]\]\([^)]*\)", "", text)
    text = html.unescape(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text))
    headings = [h.strip(" #*") for h in re.findall(r"^#+ .*$", text, flags=re.M)]
    return [tidy(p) for p in text.split("\n\n") if len(p.split()) > 7], [h for h in headings if 1 <= len(h.split()) <= 9]


def books(root):
    for name in ("physics", "biology", "economics", "chemistry", "sociology", "us-history", "statistics", "anatomy"):
        for file in sorted(glob.glob(f"{root}/git/{name}-book/contents/*.md")):
            paragraphs, headings = markdown(pathlib.Path(file).read_text())
            yield paragraphs, [ask(h) for h in headings]
    for pattern in ("book/src/*.md", "system-design-primer/README.md", "data-science-interviews/*.md", "test-your-sysadmin-skills/README.md"):
        for file in sorted(glob.glob(f"{root}/git/{pattern}")):
            paragraphs, headings = markdown(pathlib.Path(file).read_text())
            yield paragraphs, [h if h.endswith("?") else ask(h) for h in headings]


def recipes(root):
    for file in sorted(glob.glob(f"{root}/git/based.cooking/content/*.md")):
        text = pathlib.Path(file).read_text()
        title = re.search(r'title: *"?([^"\n]*)', text)
        paragraphs, _ = markdown(text)
        yield ["\n".join(paragraphs)] + paragraphs, [do(f"make {title[1]}")] if title else []


def commands(root):
    for file in sorted(glob.glob(f"{root}/git/tldr/pages/*/*.md")):
        lines = pathlib.Path(file).read_text().splitlines()
        about = " ".join(line[2:] for line in lines if line.startswith("> ") and "More information" not in line)
        tasks = [line[2:].rstrip(":") for line in lines if line.startswith("- ")]
        calls = [line.strip("`").replace("{{", "").replace("}}", "") for line in lines if line.startswith("`")]
        name = lines[0].strip("# ")
        steps = [f"{task}:\n`{call}`" for task, call in zip(tasks, calls)]
        chosen = RNG.sample(steps, min(3, len(steps)))
        yield [f"{name}: {about}\n\n" + "\n\n".join(chosen)], [do(re.sub(r"\[(\w)\]", r"\1", t[0].lower() + t[1:])) for t in tasks if RNG.random() < 0.12]


def wordnet(root):
    text = gzip.open(f"{root}/dict/wn.dict.dz", "rt", encoding="utf-8", errors="replace").read()
    last = "words"
    for word, body in re.findall(r"^(\S[^\n]*)\n((?: +[^\n]*\n)+)", text, flags=re.M):
        senses = re.split(r"\s(?:n|v|adj|adv)? ?\d+: ", " " + re.sub(r"\s+", " ", body))[1:]
        for sense in senses:
            also = re.search(r"\[syn: (.*?)\]", sense)
            sense = re.sub(r"\s*\[.*?\]|[{}]", "", sense).strip()
            if RNG.random() < (0.16 if also else 0.10):
                yield [f"{word}: {sense}" if RNG.random() < 0.6 else sense], []
        if RNG.random() < 0.03:
            verb = re.match(r" +v 1: ", body)
            yield [], [do(word) if verb else ask(word, last)]
            last = word


def dictionary(root, name, share):
    text = gzip.open(f"{root}/dict/{name}.dict.dz", "rt", encoding="utf-8", errors="replace").read()
    for body in re.split(r"\n(?=\S)", text):
        if RNG.random() < share and 8 < len(body.split()) < 400:
            yield [tidy(re.sub(r"\\.*?\\|\[.*?\]|[{}]", " ", re.sub(r"\s+", " ", body)))], []


def quotations(root):
    for file in sorted(glob.glob(f"{root}/fortunes/*")):
        if "." not in pathlib.Path(file).name and "art" != pathlib.Path(file).name[-3:]:
            text = pathlib.Path(file).read_text(encoding="utf-8", errors="replace")
            yield [tidy(p) for p in text.split("\n%\n") if RNG.random() < 0.5 and len(p.split()) > 5], []


def python_manual(root):
    for file in sorted(glob.glob(f"{root}/python-html/**/*.html", recursive=True)):
        body = pathlib.Path(file).read_text(errors="replace")
        headings = [re.sub(r"<.*?>|¶|^[\d. ]+", "", html.unescape(h)) for h in re.findall(r"<h[23]>(.*?)</h[23]>", body)]
        parts = re.findall(r"<p>(.*?)</p>(?:\s*<div class=\"highlight.*?<pre>(.*?)</pre>)?", body, flags=re.S)
        plain = [html.unescape(re.sub(r"<.*?>", "", f"{p}\n{code}")) for p, code in parts if len(p.split()) > 8]
        yield [tidy(p) for p in plain if RNG.random() < 0.35], [ask(h) for h in headings if len(h.split()) < 8]


def manuals(root):
    """Manuals and guides: paragraphs, list items and listings of their HTML, POD and DocBook pages."""
    share = {"python-pandas-doc": 0.06, "python-scipy-doc": 0.04, "python-sklearn-doc": 0.4, "rust-docs": 0.02}
    found = "**/*.html", "**/*.pod", "**/*.xml", "**/*.docbook"
    for folder in sorted(glob.glob(f"{root}/manuals/*")):
        files = sorted(f for pattern in found for f in glob.glob(f"{folder}/{pattern}", recursive=True))
        for file in files:
            if RNG.random() > share.get(pathlib.Path(folder).name, 1):
                continue
            page = pathlib.Path(file).read_text(errors="replace")
            if file.endswith(".pod"):
                parts = [p for p in page.split("\n\n") if not p.startswith("=")]
                heads = re.findall(r"^=(?:head\d|item) (.*)$", page, flags=re.M)
                parts = [re.sub(r"[A-Z]<+\s?(.*?)\s?>+", r"\1", part) for part in parts]
            else:
                heads = re.findall(r"<(?:h[1-4]|title)[^>]*>(.*?)</(?:h[1-4]|title)>", page, flags=re.S)
                parts = re.findall(r"<(?:p|li|dd|para|pre)\b[^>]*>(.*?)</(?:p|li|dd|para|pre)>", page, flags=re.S)
            plain = [tidy(html.unescape(re.sub(r"<[^>]*>|¶", "", part))) for part in parts]
            heads = [tidy(re.sub(r"<[^>]*>|¶|^[\d. ]+|[A-Z]<|>", "", html.unescape(head))) for head in heads]
            chosen = [part for part in plain if 7 < len(part.split()) < 400 and RNG.random() < 0.5]
            yield chosen, [h if h.endswith("?") else ask(h) for h in heads if 1 < len(h.split()) < 12 and RNG.random() < 0.5]


def conversations(root):
    """Questions and answers; answers by Llama models and grounding texts are left out."""
    seen = set()
    for file in sorted(glob.glob(f"{root}/conversations/*.jsonl")):
        for line in open(file, encoding="utf-8"):
            row = json.loads(line)
            goal, answer = row.get("goal_text") or row.get("question") or "", row.get("response_text") or row.get("answer") or ""
            if "llama" in str(row.get("model", "")).lower():
                answer = ""
            goal, answer = (t if t and t not in seen and not seen.add(t) else "" for t in (goal, answer))
            yield ([answer] * 2 if len(answer.split()) > 5 else []), ([goal] if goal else [])


def whole_answers(root):
    """Answers of at least 60 words, not cut to sentences."""
    for answers, _ in conversations(root):
        if answers and len(answers[0].split()) >= 60:
            yield [], [" ".join(answers[0].split(" ")[:250])]


def long_passages(root):
    """Several paragraphs in a row: 100 to 250 words, as long as the longer answers of a conversation."""
    for paragraphs, _ in [*books(root), *manuals(root), *recipes(root), *commands(root)]:
        at = 0
        while at < len(paragraphs):
            text, limit = "", RNG.randrange(100, 250)
            while at < len(paragraphs) and len(text.split(" ")) < limit:
                text, at = f"{text}\n\n{paragraphs[at]}", at + 1
            if len(text.split()) >= 80:
                yield [], [" ".join(text.strip().split(" ")[:limit])]


def requests(root):
    """clinc150: what users of an assistant ask for."""
    parts = json.loads(pathlib.Path(root, "git/oos-eval/data/data_full.json").read_text())
    for part in ("train", "oos_train", "oos_val", "oos_test"):
        yield [], [text for text, _ in parts[part] if RNG.random() < (0.35 if part == "train" else 1)]
    for bench in ("mt_bench", "vicuna_bench"):
        for line in open(f"{root}/git/FastChat/fastchat/llm_judge/data/{bench}/question.jsonl"):
            yield [], json.loads(line)["turns"]


def ask(topic, other="the other one"):
    return RNG.choice(ASK).format(topic, other=other)


def do(task):
    return RNG.choice(DO).format(task)


def pieces(paragraphs):
    """Cuts running text into one or two sentences, a paragraph, or several paragraphs: lengths as in conversations."""
    at = 0
    while at < len(paragraphs):
        kind = RNG.random()
        if kind < 0.45:
            sentences = re.split(r"(?<=[.!?])\s+", paragraphs[at])
            start = RNG.randrange(len(sentences))
            text = " ".join(sentences[start : start + RNG.choice((1, 1, 2, 3))])
            at += 1
        elif kind < 0.7:
            text = paragraphs[at]
            at += 1
        else:
            count = RNG.choice((2, 3, 4))
            text = "\n\n".join(paragraphs[at : at + count])
            at += count
        words = text.split(" ")
        limit = RNG.randrange(60, 180)
        if len(words) > limit:
            text = " ".join(words[:limit])
        if len(text.split()) > 2:
            yield text


def main(root, out, *names):
    sources = {
        "conversations": conversations(root), "books": books(root), "recipes": recipes(root), "commands": commands(root),
        "requests": requests(root), "python manual": python_manual(root), "wordnet": wordnet(root),
        "foldoc": dictionary(root, "foldoc", 0.5), "gcide": dictionary(root, "gcide", 0.04), "jargon": dictionary(root, "jargon", 1),
        "quotations": quotations(root), "manuals": manuals(root), "made up": made_up(RNG, 6000),
        "whole answers": whole_answers(root), "long passages": long_passages(root),
    }
    sources = {name: source for name, source in sources.items() if not names or name in names}
    texts = {}
    for name, source in sources.items():
        for paragraphs, asked in source:
            for text in [*pieces(paragraphs), *asked]:
                texts.setdefault(text, name)
    rows = []
    for name in sources:
        of_one = [text for text, source in texts.items() if source == name]
        kept = RNG.sample(of_one, min(len(of_one), MOST.get(name, len(of_one))))
        print(f"{len(kept):7} of {len(of_one):7} {name}")
        rows += kept
    RNG.shuffle(rows)
    with open(out, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    RNG = random.Random(SEED)
    main(*sys.argv[1:])
