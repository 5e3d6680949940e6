"""An encoder and a player on aiortc, a WebRTC stack of its own: WHIP in, WHEP out.

    peer.py publish --url … --ca … --session … --token … --codec H264
    peer.py watch   --url … --ca … --session … --token … --for 20

The encoder shows red on the left and blue on the right, with a moving bar between, and sounds a tone; it stays until it
is killed. The player says on its standard output, as one line of JSON a second, what it decoded since it began.
"""

import argparse
import asyncio
import fractions
import json
import math
import ssl
import time
import urllib.error
import urllib.request

import numpy
from aiortc import (
    MediaStreamTrack,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from av import AudioFrame, VideoFrame

WIDTH, HEIGHT, RATE = 320, 180, 15
SAMPLES, SAMPLE_RATE = 960, 48_000


class Paced(MediaStreamTrack):
    """Makes frames in step with the clock."""

    def __init__(self):
        super().__init__()
        self.begin = None
        self.number = -1

    async def step(self, rate):
        if self.begin is None:
            self.begin = time.monotonic()
        self.number += 1
        await asyncio.sleep(
            max(0, self.begin + self.number / rate - time.monotonic())
        )
        return self.number


class Picture(Paced):
    kind = "video"

    async def recv(self):
        number = await self.step(RATE)
        pixels = numpy.zeros((HEIGHT, WIDTH, 3), numpy.uint8)
        pixels[:, : WIDTH // 2] = (220, 20, 20)
        pixels[:, WIDTH // 2 :] = (20, 20, 220)
        bar = number * 4 % HEIGHT
        pixels[bar : bar + 8, WIDTH // 2 - 20 : WIDTH // 2 + 20] = 255
        frame = VideoFrame.from_ndarray(pixels, format="rgb24")
        frame.pts, frame.time_base = number * 90_000 // RATE, fractions.Fraction(1, 90_000)
        return frame


class Tone(Paced):
    kind = "audio"

    async def recv(self):
        number = await self.step(SAMPLE_RATE / SAMPLES)
        at = numpy.arange(number * SAMPLES, (number + 1) * SAMPLES)
        wave = 0.5 * numpy.sin(2 * math.pi * 440 * at / SAMPLE_RATE)
        samples = (wave * 32_767).astype(numpy.int16).reshape(1, -1)
        frame = AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts, frame.time_base = number * SAMPLES, fractions.Fraction(1, SAMPLE_RATE)
        return frame


async def negotiate(connection, way, options):
    """Offers, and takes the answer. No candidate is trickled: aiortc gathers them all first."""
    await connection.setLocalDescription(await connection.createOffer())
    request = urllib.request.Request(
        f"{options.url}/{way}/{options.session}",
        data=connection.localDescription.sdp.encode(),
        headers={
            "authorization": f"Bearer {options.token}",
            "content-type": "application/sdp",
        },
    )
    trust = ssl.create_default_context(cafile=options.ca)

    def ask():
        try:
            with urllib.request.urlopen(request, context=trust) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    status, answer = await asyncio.get_running_loop().run_in_executor(None, ask)
    if status != 201:
        raise SystemExit(f"{way}: {status} {answer}")
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def publish(options):
    connection = RTCPeerConnection()
    picture = connection.addTransceiver(Picture(), direction="sendonly")
    connection.addTransceiver(Tone(), direction="sendonly")
    wanted = f"video/{options.codec}".lower()
    codecs = RTCRtpSender.getCapabilities("video").codecs
    picture.setCodecPreferences([c for c in codecs if c.mimeType.lower() == wanted])
    await negotiate(connection, "whip", options)
    await asyncio.Event().wait()


async def watch(options):
    seen = {"frames": 0, "width": 0, "left": None, "right": None, "loudness": 0.0}

    async def look(track):
        while True:
            frame = await track.recv()
            pixels = frame.to_ndarray(format="rgb24")
            height, width, _ = pixels.shape
            patch = lambda x: pixels[height // 4 : height // 2, x : x + width // 8]
            colour = lambda x: [int(c) for c in patch(x).reshape(-1, 3).mean(axis=0)]
            seen["frames"] += 1
            seen["width"] = width
            seen["left"], seen["right"] = colour(width // 8), colour(width * 3 // 4)

    async def listen(track):
        while True:
            frame = await track.recv()
            samples = frame.to_ndarray().astype(numpy.float64) / 32_768
            loudness = float(numpy.sqrt((samples**2).mean()))
            seen["loudness"] = max(seen["loudness"], loudness)

    connection = RTCPeerConnection()
    tasks = []

    @connection.on("track")
    def on_track(track):
        work = look if track.kind == "video" else listen
        tasks.append(asyncio.ensure_future(work(track)))

    for kind in ("video", "audio"):
        connection.addTransceiver(kind, direction="recvonly")
    await negotiate(connection, "whep", options)
    end = time.monotonic() + options.seconds
    while time.monotonic() < end:
        await asyncio.sleep(1)
        print(json.dumps(seen), flush=True)
    await connection.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=["publish", "watch"])
    for name in ("url", "ca", "session", "token"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--codec", default="H264")
    parser.add_argument("--for", dest="seconds", type=float, default=60)
    options = parser.parse_args()
    asyncio.run({"publish": publish, "watch": watch}[options.way](options))


main()
