"""`make photos`: the labelled set as a confusion table, how much of every defect was caught, and what a flood costs.

Ends with 1 when a hard defect was not returned, a good photo was, or a soft defect was not told to the officer.
"""

from __future__ import annotations

import statistics
import sys
from collections import defaultdict

from tests.photos.flood import told
from tests.photos.labelled import Fate
from tests.photos.results import Result, of, results, share

GOT = ("returned", "flagged", "passed")


def main() -> int:
    print(f"{len(results())} photos: one real portrait and drawn people, moved, lit and spoiled.")
    print("Accuracy over people is unmeasured.\n")
    _confusion()
    _faults()
    wrong = [result for result in results() if not result.right]
    for result in wrong:
        named = ", ".join((*result.verdict.reasons, *result.verdict.flags)) or "nothing"
        print(f"  not as labelled: {result.photo.name} ({result.photo.fate}): {result.got}: {named}")
    cpu = sorted(1000 * result.cpu for result in results())
    slowest = max(results(), key=lambda result: result.cpu)
    print(f"\nCPU per photo: median {statistics.median(cpu):.0f} ms, most {cpu[-1]:.0f} ms ({slowest.photo.name})")
    missed = [result for result in of(Fate.HARD) if result.got != "returned"]
    refused = [result for result in of(Fate.GOOD) if result.got == "returned"]
    untold = [result for result in of(Fate.SOFT) if not result.right]
    print(f"Hard defects caught {share(of(Fate.HARD), 'returned'):.0%}, good photos refused {len(refused)}, "
          f"soft defects told {1 - len(untold) / len(of(Fate.SOFT)):.0%}")  # fmt: skip
    return int(bool(missed or refused or untold))


def _confusion() -> None:
    print(f"{'':24}" + "".join(f"{got:>10}" for got in GOT) + f"{'as labelled':>14}")
    for fate, name in ((Fate.HARD, "hard defect"), (Fate.SOFT, "soft defect"), (Fate.GOOD, "good")):
        found = of(fate)
        counts = "".join(f"{sum(result.got == got for result in found):>10}" for got in GOT)
        print(f"{name:<24}{counts}{sum(result.right for result in found) / len(found):>14.0%}")


def _faults() -> None:
    by_fault: dict[str, list[Result]] = defaultdict(list)
    for result in results():
        if result.photo.fate is not Fate.GOOD:
            by_fault[f"{result.photo.faults[0]:<30}{result.photo.fate}"].append(result)
    print(f"\n{'defect':<30}{'kind':<8}{'photos':>8}{'caught':>8}")
    for fault, found in sorted(by_fault.items()):
        print(f"{fault:<38}{len(found):>8}{sum(result.right for result in found) / len(found):>8.0%}")
    print()


if __name__ == "__main__":
    as_labelled = main()
    print("\n" + "\n".join(told()))
    sys.exit(as_labelled)
