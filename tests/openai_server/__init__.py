"""The tests' own model server: it speaks the OpenAI protocol, answers from what it was sent and misbehaves by plan.

with Server(Writer()) as server:
    server.plan("429", times=2)
    client = openai.OpenAI(base_url=server.url, api_key="none")
"""

from tests.openai_server.faults import CONTENT, FAULTS
from tests.openai_server.records import Recorded
from tests.openai_server.server import Server
from tests.openai_server.writer import Writer

__all__ = ["CONTENT", "FAULTS", "Recorded", "Server", "Writer"]
