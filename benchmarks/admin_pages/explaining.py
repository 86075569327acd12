"""Why a page is slow: how Postgres answered the query that took it longest."""

from django.db import Error, connection

from benchmarks.admin_pages.pages import Visit


def explain(visit: Visit) -> str:
    """The slowest query of a page with its plan, and how long all of its queries took."""
    answer, queries = visit.captured()
    if not queries:
        return f"no queries; status {answer.status_code}"
    slowest = max(queries, key=lambda query: float(query["time"]))
    total = sum(float(query["time"]) for query in queries)
    told = f"{len(queries)} queries in {total:.3f} s, the slowest in {slowest['time']} s:\n{slowest['sql']}\n"
    return told + _plan(slowest["sql"])


def _plan(statement: str) -> str:
    if not statement.lstrip().upper().startswith(("SELECT", "WITH")):
        return ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {statement}")
            return "\n".join(line for (line,) in cursor.fetchall())
    except Error as problem:
        return f"not to be explained: {type(problem).__name__}"
