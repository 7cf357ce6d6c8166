"""Short made-up turns of a conversation: follow-up questions and worked answers with figures, lists and tables.

Written for this purpose; slots are filled at random. They teach the shape of such texts (a question about the figure
before, a calculation, a list of steps), not facts.
"""

THINGS = """rent groceries bus pass savings account mortgage loan interest rate discount invoice salary tip bill electricity meter water tank pump battery
solar panel engine gear pulley lever bicycle wheel bridge beam pipe valve fence wall paint shelf door hinge roof gutter garden bed compost tomato seedling
apple tree lawn soil sample rice dough bread oven soup stock spice marinade pan knife freezer coffee tea recipe train timetable flight hotel museum ticket
visa suitcase hiking trail map compass river delta volcano earthquake glacier cloud front rain gauge tide moon planet comet telescope orbit star cell enzyme
virus vaccine muscle nerve heart rate diet plan running pace football match chess opening card game dice coin toss lottery survey questionnaire sample mean
median histogram scatter plot regression line table column spreadsheet formula query index join backup password login token server router cable packet port
firewall certificate branch commit merge conflict test case bug report stack trace loop function variable list dictionary string pattern log file script cron job
meeting agenda minutes deadline budget milestone email draft cover letter contract summary report footnote headline poem stanza rhyme metaphor novel chapter
character scene film ending proverb idiom verb tense accent vowel translation king treaty empire revolution election court law argument premise fallacy proof
theorem equation fraction matrix vector angle circle triangle probability chord melody rhythm scale interval guitar string choir robot model training run
learning rate benchmark prompt answer judge""".split()
DOING = """plan compare measure estimate explain draw check fix rewrite shorten translate test sort count weigh book store clean plot fit split merge rename convert
calculate schedule summarise simplify list rank debug review compute""".split()
UNITS = "kg g m cm km mm litres ml minutes hours seconds days weeks euros dollars % points degrees volts watts bytes MB rows pages people metres per second".split()
NAMES = "Anna Ben Carla Deniz Elif Farid Grace Hugo Ines Jonas Kofi Lena Mateo Nora Omar Priya Quinn Rosa Sam Tara".split()
MONTHS = "January February March April May June July August September October November December".split()

TURNS = (
    "ok and for the {t}?", "wait, why did you use {n} and not {m}?", "so that means the {t} is {n} {u}, right?", "can you put that in a table?",
    "shorter please, max {s} sentences", "what if the {t} were {n} {u} instead of {m}?", "how many {t}s do i need for {n} {u} of {t2}?", "thanks! now {d} the {t2}",
    "is it safe to {d} the {t} after {n} {u}?", "I have a {t}, a {t2} and {n} {u}. What's the quickest way to {d} it?", "my {t} keeps failing, what should I check first?",
    "which one is better, a {t} or a {t2}?", "why does the {t} depend on the {t2}?", "give me a list of {s} things to watch out for with the {t}",
    "what does \"{t} {t2}\" mean?", "In {mo} we had {n}, in {mo2} {m}. what's the change in percent?", "{p} says the {t} causes the {t2}. is that correct?",
    "rewrite this so that {p} understands it: the {t} must be {d}ed before the {t2}", "are you sure about the {n} {u}? i read {m}", "and what would {p} do?",
    "to sum up: how do I {d} a {t} when the {t2} is missing?", "what's the formula for the {t}?", "write an e-mail to {p} about the {t}", "explain the {t} like I'm ten",
    "I need to {d} {n} {t}s until {mo}. can you make a plan?", "how likely is it that the {t} beats the {t2}?", "does the order of {t} and {t2} matter?",
    "what is the next step after the {t}?", "pls {d} my {t}: {n}, {m}, {k}", "how do i know the {t} is really {n} {u}?",
)
OPENERS = ("Yes.", "No, not quite.", "Short answer: {n} {u}.", "About {n} {u}.", "It depends on the {t}.", "Here is the plan.", "Good question.", "That is almost right.",
           "Take the {t} first.", "The {t} is the limit here, not the {t2}.", "I would {d} the {t} before the {t2}.", "", "", "")
SENTENCES = (
    "The {t} grows with the {t2}, so doubling one doubles the other.", "With {n} {u} a {t} you get {n} × {m} = {nm} {u}.", "{n} divided by {m} is {q}.",
    "That leaves {k} {u} for the {t2}.", "If the {t} is too small, the {t2} will not hold.", "You only need a rough figure here, so round {n} to {m}.",
    "The reason is simple: a {t} cannot change faster than its {t2}.", "Keep the {t} apart from the {t2}, otherwise you count it twice.",
    "In {mo} it was {n} {u}, in {mo2} {m} {u}.", "{p} takes the {t}, {p2} the {t2}.", "Do not {d} it while the {t} is still running.", "So the {t} comes out at {q} {u}.",
    "A common mistake is to {d} the {t} and forget the {t2}.", "This only works when both {t}s are of the same kind.", "Check the {t} against the {t2} before you go on.",
    "For example, a {t} of {n} {u} needs about {m} {u} of {t2}.", "The remaining {k} % come from the {t2}.", "Nobody knows exactly why the {t} behaves like that.",
    "There is no difference between the {t} and the {t2} in this case.", "Let me correct that: it is {n}, not {m}.", "Both are fine; the {t} is cheaper and the {t2} lasts longer.",
)
ITEMS = ("{d} the {t}", "**{t}**: {n} {u}", "{t}: {n} × {m} = {nm}", "{d} the {t}, then the {t2}", "{mo}: {n} / {m} = {q}", "`{t}_{t2}`: the {t} of each {t2}", "{p}: {t} ({n} {u})",
         "{t}, because the {t2} needs it", "leave the {t} for {n} {u}", "{n}:{s}0 {t}")
FORMULAS = ("x = ({n} − {m}) / {s} = {q}", "{n} · {m} = {nm}", "y = {q}x + {n}", "p = {m}/{n} ≈ 0.{k}", "v = √(2 · {n} / {m})", "SELECT {t}, COUNT(*) FROM {t2}s GROUP BY {t};",
            "for {t} in {t2}s:\n    print({t}.{d}())", "git checkout -b {d}-{t}", "grep -n '{t}' {t2}.txt | wc -l", "=SUM(B2:B{n})/{m}", "{t} -> {t2} -> {d}", "^{t}[0-9]+$")


def fill(rng, pattern, things=THINGS):
    n, m = rng.randrange(2, 400), rng.randrange(2, 90)
    t, t2 = rng.sample(things, 2)
    p, p2 = rng.sample(NAMES, 2)
    mo, mo2 = rng.sample(MONTHS, 2)
    return pattern.format(n=n, m=m, k=rng.randrange(1, 99), s=rng.randrange(2, 6), nm=n * m, q=round(n / m, 2), t=t, t2=t2, p=p, p2=p2, mo=mo, mo2=mo2,
                          d=rng.choice(DOING), u=rng.choice(UNITS))


def table(rng, things):
    names = rng.sample(things, rng.randrange(3, 6))
    head = f"| | {rng.choice(MONTHS)} | {rng.choice(MONTHS)} |\n|---|---|---|\n"
    return head + "\n".join(f"| {name} | {rng.randrange(900)} | {rng.randrange(900) / 10} |" for name in names)


def answer(rng):
    """A text about a handful of things."""
    things = rng.sample(THINGS, 5)
    parts = [fill(rng, rng.choice(OPENERS), things)]
    for _ in range(rng.randrange(1, 5)):
        kind = rng.random()
        if kind < 0.5:
            parts.append(" ".join(fill(rng, rng.choice(SENTENCES), things) for _ in range(rng.randrange(1, 4))))
        elif kind < 0.75:
            item, mark = rng.choice(ITEMS), rng.choice(("- ", "* ", "1. "))
            parts.append("\n".join((f"{i + 1}. " if mark == "1. " else mark) + fill(rng, item, things) for i in range(rng.randrange(2, 6))))
        elif kind < 0.9:
            parts.append(fill(rng, rng.choice(FORMULAS), things))
        else:
            parts.append(table(rng, things))
    return "\n\n".join(part for part in parts if part)


def made_up(rng, count):
    for _ in range(count):
        things = rng.sample(THINGS, 4)
        turns = " ".join(fill(rng, rng.choice(TURNS), things) for _ in range(rng.choice((1, 1, 1, 2))))
        yield [], [turns[0].upper() + turns[1:] if rng.random() < 0.4 else turns]
        yield [], [answer(rng)]
