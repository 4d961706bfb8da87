"""What is measured: retrieval, citations, abstention, languages, latency; one file each.

`textbook` holds the few that choosing settings needs, written out so that others can check them; retrieval as reported
is computed by ir-measures.
"""

from __future__ import annotations

from eval.measures.textbook import auroc as auroc
from eval.measures.textbook import ndcg as ndcg
