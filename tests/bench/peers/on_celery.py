"""The chain in Celery: `celery -A on_celery worker`. A task for each hop writes the state, then sends the next.

Durable quorum queues, late acknowledgements and confirmed publishes; no inbox, no outbox: a state may be written twice.
"""

from __future__ import annotations

import json
import os
from typing import Any

import psycopg
from celery import Celery
from celery.signals import worker_process_init
from kombu import Exchange, Queue

HOPS = int(os.environ["BENCH_HOPS"])
ARRIVED = os.environ["BENCH_ARRIVED"]
SAVE = (
    "insert into passage (application_id, hops, note) values (%s, 1, %s) on conflict (application_id) "
    "do update set hops = passage.hops + 1, note = excluded.note"
)

app = Celery("chain", broker=os.environ["BENCH_AMQP_URL"])
app.conf.update(
    task_queues=(Queue("hops", Exchange(""), routing_key="hops", queue_arguments={"x-queue-type": "quorum"}),),
    task_default_queue="hops",
    task_default_exchange="",
    task_default_routing_key="hops",
    task_default_queue_type="quorum",
    worker_detect_quorum_queues=True,
    broker_transport_options={"confirm_publish": True},
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=10,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)
connections: list[Any] = []


@worker_process_init.connect
def connect(**_: Any) -> None:
    connections[:] = [psycopg.connect(os.environ["BENCH_DATABASE_URL"], autocommit=True)]


@app.task(name="hop")
def hop(application: str, number: int, note: str) -> None:
    connections[0].execute(SAVE, (application, note))
    if number < HOPS:
        hop.apply_async((application, number + 1, note))
        return
    with app.producer_pool.acquire(block=True) as producer:
        word = json.dumps({"application_id": application})
        producer.publish(word, exchange="", routing_key=ARRIVED, delivery_mode=2, content_type="application/json",
                         content_encoding="utf-8")  # fmt: skip
