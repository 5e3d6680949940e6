"""An encoder and a player on GStreamer's webrtcbin, as Debian has it: WHIP in, WHEP out.

    peer.py publish --url … --ca … --session … --token … --codec H264
    peer.py watch   --url … --ca … --session … --token … --codec H264

The encoder shows red on the left and blue on the right, and sounds a tone; it stays until it is killed. The player says on
its standard output, as one line of JSON a second, what it decoded since it began.
"""

import argparse
import json
import os
import ssl
import struct
import sys
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

WIDTH, HEIGHT, RATE = 320, 180, 15
HALF = f"video/x-raw,width={WIDTH // 2},height={HEIGHT},framerate={RATE}/1"

ENCODERS = {
    "VP8": "vp8enc deadline=1 keyframe-max-dist=30 target-bitrate=400000 ! rtpvp8pay picture-id-mode=15-bit",
    "H264": "openh264enc bitrate=400000 gop-size=30 ! video/x-h264,profile=constrained-baseline"
    " ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
}
VIDEO = {
    "VP8": "application/x-rtp,media=video,encoding-name=VP8,clock-rate=90000,payload=96",
    "H264": "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96"
    ",packetization-mode=(string)1,profile-level-id=(string)42e01f",
}
AUDIO = "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=97,encoding-params=(string)2"

SOURCES = """
webrtcbin name=peer bundle-policy=max-bundle
compositor name=mix sink_1::xpos={half} ! videoconvert ! video/x-raw,format=I420 ! queue ! {encoder} ! {video} ! peer.
videotestsrc is-live=true pattern=solid-color foreground-color=0xffdc1414 ! {picture} ! mix.sink_0
videotestsrc is-live=true pattern=solid-color foreground-color=0xff1414dc ! {picture} ! mix.sink_1
audiotestsrc is-live=true volume=0.5 ! audioconvert ! audioresample ! queue ! opusenc ! rtpopuspay ! {audio} ! peer.
"""


def fail(why):
    print(why, file=sys.stderr, flush=True)
    # What runs in GStreamer's threads is not waited for.
    os._exit(1)


class Peer:
    """A pipeline with a webrtcbin that offers once and takes the answer."""

    def __init__(self, way, options, pipeline):
        self.way, self.options, self.pipeline = way, options, pipeline
        self.webrtc = pipeline.get_by_name("peer")
        self.kept = []
        self.webrtc.connect("on-negotiation-needed", self.offer)
        self.webrtc.connect("notify::connection-state", self.look)
        bus = pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, said: fail(said.parse_error()))
        pipeline.set_state(Gst.State.PLAYING)

    def look(self, webrtc, _):
        if webrtc.get_property("connection-state") == GstWebRTC.WebRTCPeerConnectionState.FAILED:
            fail("the connection failed")

    def offer(self, webrtc):
        webrtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.offered))

    def offered(self, promise, *_):
        reply = promise.get_reply()
        offer = reply["offer"]
        # The bindings borrow the description from its promise.
        self.kept += [promise, reply, offer]
        # Candidates are not needed: the server sees where checks come from.
        text = offer.sdp.as_text()
        self.webrtc.emit("set-local-description", offer, Gst.Promise.new())
        GLib.idle_add(self.negotiate, text)

    def negotiate(self, offer):
        options = self.options
        request = urllib.request.Request(
            f"{options.url}/{self.way}/{options.session}",
            data=offer.encode(),
            headers={
                "authorization": f"Bearer {options.token}",
                "content-type": "application/sdp",
            },
        )
        trust = ssl.create_default_context(cafile=options.ca)
        try:
            with urllib.request.urlopen(request, context=trust) as response:
                answer = response.read().decode()
        except urllib.error.HTTPError as error:
            fail(f"{self.way}: {error.code} {error.read().decode()}\n{offer}")
        _, sdp = GstSdp.SDPMessage.new_from_text(answer)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, sdp)
        self.kept += [sdp, answer]
        self.webrtc.emit("set-remote-description", answer, Gst.Promise.new())
        return GLib.SOURCE_REMOVE


def publish(options):
    description = SOURCES.format(
        half=WIDTH // 2,
        picture=HALF,
        encoder=ENCODERS[options.codec],
        video=VIDEO[options.codec],
        audio=AUDIO,
    )
    return Peer("whip", options, Gst.parse_launch(description))


class Player(Peer):
    """Decodes what comes, and tells of it."""

    def __init__(self, options):
        self.seen = {"frames": 0, "width": 0, "left": None, "right": None, "loudness": 0.0}
        pipeline = Gst.Pipeline()
        webrtc = Gst.ElementFactory.make("webrtcbin", "peer")
        webrtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        pipeline.add(webrtc)
        receive = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
        feedback = ",rtcp-fb-nack=(boolean)true,rtcp-fb-nack-pli=(boolean)true"
        for caps in (VIDEO[options.codec] + feedback, AUDIO):
            webrtc.emit("add-transceiver", receive, Gst.Caps.from_string(caps))
        webrtc.connect("pad-added", self.stream)
        super().__init__("whep", options, pipeline)
        GLib.timeout_add_seconds(1, self.tell)

    def stream(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        decode = Gst.ElementFactory.make("decodebin")
        decode.connect("pad-added", self.decoded)
        self.pipeline.add(decode)
        decode.sync_state_with_parent()
        pad.link(decode.get_static_pad("sink"))

    def decoded(self, _, pad):
        video = pad.get_current_caps().get_structure(0).get_name().startswith("video")
        tail = Gst.parse_bin_from_description(
            "videoconvert ! video/x-raw,format=RGB ! appsink name=sink emit-signals=true sync=false"
            if video
            else "audioconvert ! audio/x-raw,format=F32LE,channels=1 ! appsink name=sink emit-signals=true sync=false",
            True,
        )
        self.pipeline.add(tail)
        tail.get_by_name("sink").connect("new-sample", self.picture if video else self.sound)
        tail.sync_state_with_parent()
        pad.link(tail.get_static_pad("sink"))

    def picture(self, sink):
        sample = sink.emit("pull-sample")
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        pixels = sample.get_buffer()
        pixels = pixels.extract_dup(0, pixels.get_size())
        row = len(pixels) // height * (height // 2)
        colour = lambda x: list(pixels[row + 3 * x : row + 3 * x + 3])
        self.seen["frames"] += 1
        self.seen["width"] = width
        self.seen["left"], self.seen["right"] = colour(width // 4), colour(width * 3 // 4)
        return Gst.FlowReturn.OK

    def sound(self, sink):
        samples = sink.emit("pull-sample").get_buffer()
        samples = samples.extract_dup(0, samples.get_size())
        samples = struct.unpack(f"<{len(samples) // 4}f", samples)
        loudness = (sum(s * s for s in samples) / max(1, len(samples))) ** 0.5
        self.seen["loudness"] = max(self.seen["loudness"], loudness)
        return Gst.FlowReturn.OK

    def tell(self):
        print(json.dumps(self.seen), flush=True)
        return GLib.SOURCE_CONTINUE


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=["publish", "watch"])
    for name in ("url", "ca", "session", "token"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--codec", choices=["H264", "VP8"], default="H264")
    options = parser.parse_args()
    Gst.init(None)
    kept = publish(options) if options.way == "publish" else Player(options)
    GLib.MainLoop().run()
    del kept


main()
