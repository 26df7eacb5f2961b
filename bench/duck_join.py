"""Answers the two questions of the benchmark of joins with DuckDB, and writes the rows that answer them.

usage: duck_join.py tokens|callouts FOLDER OUT
"""

import sys

import duckdb

QUESTIONS = {
    "tokens": """
        SELECT t.AppName, t.UserId, t.LastUsedDate, u.Username
        FROM read_csv('{0}/tokens.csv') t
        JOIN read_csv('{0}/users.csv') u ON u.Id = t.UserId
        JOIN read_csv('{0}/apps.csv') a ON a.Name = t.AppName
        WHERE t.LastUsedDate < TIMESTAMPTZ '2026-11-20 00:00:00+00' - INTERVAL 90 DAY
          AND u.IsActive AND NOT a.OptionsAllowAdminApprovedUsersOnly""",
    "callouts": """
        SELECT n.DeveloperName, c.calls, c.last
        FROM read_csv('{0}/named.csv') n
        LEFT JOIN (SELECT NAMED_CREDENTIAL_NAME AS name, count(*) AS calls, max(TIMESTAMP_DERIVED) AS last
                   FROM read_csv('{0}/callouts.csv') GROUP BY 1) c ON c.name = n.DeveloperName
        WHERE c.last IS NULL
           OR c.last < TIMESTAMPTZ '2026-11-20 00:00:00+00' - INTERVAL 30 DAY""",
}


def main():
    question, folder, out = sys.argv[1:]
    base = duckdb.connect()
    base.execute("SET TimeZone = 'UTC'")
    base.execute(f"COPY ({QUESTIONS[question].format(folder)}) TO '{out}' (HEADER)")


main()
