"""What stands behind the five ports: PostgreSQL and RabbitMQ, and their twins in memory."""
