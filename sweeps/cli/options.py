"""The command line's arguments and options: names, types and help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from sweeps.analysis.selection_rule import SelectionRule

Format = Literal["table", "csv", "json", "parquet"]
Shape = Literal["table", "csv", "json", "toml", "python"]


class CheckShape(StrEnum):
    """How a check is printed."""

    table = "table"
    json = "json"


class On(StrEnum):
    """Where workers are started."""

    local = "local"


_DATABASE = "Database; else $REGSEARCH_STORAGE, else sqlite:///regsearch.db."
Storage = Annotated[str | None, Option("--storage", metavar="URL", help=_DATABASE)]
SweepFile = Annotated[str, Argument(metavar="SWEEP", help="A sweep file (TOML) or a preset's name.")]
Replaced = Annotated[
    list[str] | None, Option("--set", metavar="KEY=VALUE", help="Replace a key of the file, as training.epochs=50.")
]
Name = Annotated[str, Argument(metavar="NAME", help="The sweep's name.")]
NameA = Annotated[str, Argument(metavar="A", help="The name of a sweep.")]
NameB = Annotated[str, Argument(metavar="B", help="The name of another, on the same data and split.")]
NewName = Annotated[str, Argument(metavar="NEW_NAME", help="What it is called from now on.")]
NameOrAll = Annotated[str | None, Argument(metavar="[NAME]", help="The sweep's name; all if not given.")]
Sql = Annotated[str, Argument(metavar="SQL", help="A SELECT, over rs_leaderboard, rs_results or any table.")]
Workers = Annotated[int, Option("--workers", "-n", min=1, help="Processes that work at once.")]
Threads = Annotated[int | None, Option(min=1, help="Trainings at once; one per CPU by default.")]
Quiet = Annotated[bool, Option("--quiet", help="Say nothing but errors.")]
Supervised = Annotated[bool, Option("--supervised", hidden=True, help="End where stdin is closed.")]
Where = Annotated[On, Option("--on", help="Where to start them.")]
Watch = Annotated[bool, Option("--watch", help="Show one sweep until its search has ended.")]
TableFormat = Annotated[Format, Option("--format", help="How to print it.")]
FormatOrDefault = Annotated[Format | None, Option("--format", help="How to print it; table if not given.")]
BestFormat = Annotated[Shape, Option("--format", help="How to print it.")]
CheckFormat = Annotated[CheckShape, Option("--format", help="How to print it.")]
Diagnose = Annotated[bool, Option("--diagnose", help="Train three configurations, and say what the network needs.")]
Sort = Annotated[str, Option(help="Column to sort by, or several: -mean,lambda; - for the largest first.")]
Condition = Annotated[str | None, Option("--where", metavar="SQL", help="As in \"lambda < 1e-3 AND state = 'open'\".")]
Columns = Annotated[str | None, Option(metavar="A,B,…", help="Which columns, in this order.")]
Limit = Annotated[int | None, Option(min=0, help="How many rows at most.")]
TableFile = Annotated[Path | None, Option("--out", help="File to write to; its ending decides the format.")]
Values = Annotated[list[str] | None, Argument(metavar="VALUE", help="What goes in for each ?; 1e-3 is a number.")]
Params = Annotated[list[str] | None, Option("--param", metavar="NAME=VALUE", help="What goes in for :NAME.")]
Yes = Annotated[bool, Option("--yes", help="Do not ask.")]
Force = Annotated[bool, Option("--force", help="Even while workers are on it.")]
CopyFrom = Annotated[str, Option("--from", metavar="URL", help="Database that has the sweep.")]
CopyTo = Annotated[str, Option("--to", metavar="URL", help="Database that gets it; made if it is not there.")]
BestBy = Annotated[SelectionRule, Option("--rule", help="Best mean, or the strongest within one standard error of it.")]
BestByOrRank = Annotated[
    SelectionRule | None,
    Option("--rule", help="Best mean, or the strongest within one standard error of it; mean if nothing is given."),
]
Rank = Annotated[int | None, Option(min=1, help="The one with this rank by its mean: 2 for the second best.")]
TrialNumber = Annotated[int | None, Option("--trial", min=0, help="The one with this number, as trials lists it.")]
Refit = Annotated[
    Literal["train", "all"] | None,
    Option("--refit", help="A model is trained on the train rows, or on all: on train and validation rows."),
]
Ensemble = Annotated[int | None, Option(min=1, help="So many models, whose outputs are averaged.")]
RepeatId = Annotated[int, Option("--repeat", min=1, help="The repeat's repeat_id, as query finds it in rs_results.")]
NewRows = Annotated[Path, Argument(metavar="ROWS", help="A file as that which was searched on, or .npz for arrays.")]
Overwrite = Annotated[bool, Option("--force", help="Replace a file that is there.")]
Margin = Annotated[
    float | None, Option(help="A difference in the metric that does not matter, to tell no gain from unknown.")
]
Top = Annotated[int, Option(min=1, help="How many of the best.")]
Repeats = Annotated[int | None, Option(min=1, help="Fresh seeds; as many as the search had by default.")]
To = Annotated[
    Path, Option(help="FILE.toml or FILE.json for the setting, FILE.py for a Keras script, FILE.keras for a model.")
]
Out = Annotated[Path, Option(help="Folder for the pictures.")]
ReportFile = Annotated[Path, Option("--out", help="File to write to.")]
LearnOut = Annotated[Path | None, Option("--out", help="Folder for the picture; none if not given.")]
OutOrDefault = Annotated[
    Path | None, Option(help="Folder for pictures and the best configuration; results/NAME if not given.")
]
Host = Annotated[str, Option(help="Address to listen on.")]
Port = Annotated[int, Option(min=0, max=65535, help="Port to listen on; 0 for a free one.")]
AllowedHost = Annotated[
    list[str] | None, Option("--allowed-host", metavar="NAME", help="A name that browsers reach it by, as of a proxy.")
]
PasswordFile = Annotated[Path | None, Option(help="File whose first line is what browsers are asked for, or its hash.")]
HashPassword = Annotated[bool, Option("--hash-password", help="Ask for a password, print its hash, and end.")]
Artifacts = Annotated[
    Path | None,
    Option("--artifacts", metavar="FOLDER", help="Where uploaded files are kept."),
]
AllowWrites = Annotated[bool, Option("--allow-writes", help="Let notes, tags and artifacts be changed.")]
