"""fastapi-mqtt: a client that lives as long as the application, on Mosquitto; TOPIC is where it talks."""

import os
from contextlib import asynccontextmanager

from fastapi_mqtt import FastMQTT, MQTTConfig

from fastapi import FastAPI

TOPIC = os.environ["TOPIC"]
mqtt = FastMQTT(config=MQTTConfig(host="127.0.0.1", port=1883))
received: list[str] = []


@asynccontextmanager
async def lifespan(app: FastAPI):
    await mqtt.mqtt_startup()
    yield
    await mqtt.mqtt_shutdown()


app = FastAPI(lifespan=lifespan)


@mqtt.subscribe(f"{TOPIC}/+")
async def take(client, topic, payload, qos, properties):
    received.append(f"{topic.rpartition('/')[2]} {payload.decode()}")


@app.post("/say/{word}")
async def say(word: str):
    mqtt.publish(f"{TOPIC}/{word}", "hello")


@app.get("/received")
async def get_received():
    return received
