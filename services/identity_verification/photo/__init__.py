"""S10: is this portrait fit for a card? Bytes in, what was measured out; then thresholds, and a verdict.

`measuring` looks at the picture (OpenCV, in a process of its own), `findings` is what it found, `thresholds` the dated
table that tells what is returned to the citizen, what the officer is told, and `check` both at once. How measures and
thresholds suit real people is unmeasured.
"""
