"""Answers the five questions of the benchmark with DuckDB, and writes the rows that answer them.

usage: duck.py start                                  only import and connect: to be subtracted
       duck.py csv|sf|array|lines auto|expert FILE OUT

One statement reads the file once and writes one row for each user that any question concerns, with
five flags. `auto` lets DuckDB find out the schema; `expert` names the columns that are needed and
keeps dates as text, which compares rightly because every date is in one zone.
"""

import sys

import duckdb

AS_OF = "2026-11-20"
WANTED = [
    "Id", "Username", "IsActive", "UserType", "LastLoginDate",
    "LastPasswordChangeDate", "PasswordExpirationDate", "CreatedDate",
]


def questions(date, cut):
    """The five conditions. `date` turns a column into something that `cut(days)` compares with."""
    active = "CAST(IsActive AS BOOLEAN)"
    return {
        "pw.never-expires": f"""{active}
            AND coalesce(UserType, '') NOT IN ('AutomatedProcess', 'CloudIntegrationUser', 'Guest')
            AND PasswordExpirationDate IS NULL AND LastPasswordChangeDate IS NOT NULL""",
        "pw.age": f"{active} AND {date('LastPasswordChangeDate')} < {cut(180)}",
        "bench.dormant": f"{active} AND {date('LastLoginDate')} < {cut(180)}",
        "bench.never-used": f"""{active} AND LastLoginDate IS NULL
            AND {date('CreatedDate')} < {cut(90)}""",
        "bench.admin-password": f"""{active} AND ProfileName = 'System Administrator'
            AND {date('LastPasswordChangeDate')} < {cut(85)}""",
    }


def source(shape, variant, file):
    """The table: the file under the names that the questions use."""
    if shape == "csv":
        plain = ", ".join(f'"{name}"' for name in WANTED)
        if variant == "auto":
            read = f"read_csv('{file}')"
        else:
            header = open(file, encoding="utf-8").readline().strip().split(",")
            types = {n: "BOOLEAN" if n == "IsActive" else "VARCHAR" for n in header}
            read = f"read_csv('{file}', header = true, auto_detect = false, columns = {types}, delim = ',', quote = '\"', escape = '\"')"
        return f"""SELECT {plain}, "Profile.Name" AS ProfileName,
            "Profile.UserLicense.Name" AS License FROM {read}"""
    types = {n: "BOOLEAN" if n == "IsActive" else "VARCHAR" for n in WANTED}
    types["Profile"] = "STRUCT(Name VARCHAR, UserLicense STRUCT(Name VARCHAR))"
    form = "newline_delimited" if shape == "lines" else "array"
    options = f", format = '{form}'"
    if shape == "sf":
        fields = ", ".join(f"{n} {t}" for n, t in types.items())
        types = {"result": f"STRUCT(records STRUCT({fields})[])"}
        # One document is one object to DuckDB, and objects are limited to 16 MB unless told.
        options = ", format = 'unstructured', maximum_object_size = 2000000000"
    columns = f", columns = {types}" if variant == "expert" else ""
    read = f"read_json('{file}'{options}{columns})"
    if shape == "sf":
        read = f"(SELECT unnest(result.records, max_depth := 2) FROM {read})"
    plain = ", ".join(WANTED)
    return f"""SELECT {plain}, Profile.Name AS ProfileName,
        Profile.UserLicense.Name AS License FROM {read}"""


def main():
    if sys.argv[1] == "start":
        duckdb.connect()
        return
    shape, variant, file, out = sys.argv[1:]
    if variant == "auto":
        asked = questions(
            lambda name: f"CAST({name} AS TIMESTAMPTZ)",
            lambda days: f"(TIMESTAMPTZ '{AS_OF} 00:00:00+00' - INTERVAL {days} DAY)",
        )
    else:
        asked = questions(
            lambda name: name,
            lambda days: f"strftime(DATE '{AS_OF}' - INTERVAL {days} DAY, '%Y-%m-%dT00:00:00')",
        )
    flags = ", ".join(f'coalesce({test}, false) AS "{name}"' for name, test in asked.items())
    any_of = " OR ".join(f'"{name}"' for name in asked)
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.execute(f"""COPY (SELECT * FROM (SELECT *, {flags} FROM ({source(shape, variant, file)}))
        WHERE {any_of}) TO '{out}' (HEADER)""")


main()
