//! A lesson in the room of a Janus (its plugin `videoroom`, over its HTTP interface), to compare servers under one load.
//!
//! Each participant has a session of its own; the server's answers to asynchronous requests come by long polling. Who
//! publishes offers; who watches is offered to and answers.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use reqwest::Url;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::end::{End, Gauge, LineSpec, Way};
use crate::media::{Layer, Library};
use crate::participant::{JOIN_TIMEOUT, Part, players};
use crate::publish::{Camera, Instruction, Voice};
use crate::report::Observation;
use crate::thin::{ThinOutlet, ThinPeer};

/// How often a viewer looks whether its connection still stands.
const CONNECTION_CHECK: Duration = Duration::from_secs(1);

/// How often a viewer looks for somebody who publishes.
const LISTINGS: usize = 20;

/// And how long it waits between.
const BETWEEN_LISTINGS: Duration = Duration::from_millis(250);

/// A room of a Janus.
#[derive(Debug, Clone)]
pub struct Janus {
    address: Url,
    room: u64,
    bind: IpAddr,
    http: reqwest::Client,
}

/// Somebody who publishes into the room but does not play yet.
pub(crate) struct Publisher {
    /// Its end, which must live as long as it plays.
    pub(crate) peer: ThinPeer,
    pub(crate) camera: Option<(Camera, ThinOutlet)>,
    pub(crate) voice: Option<(Voice, ThinOutlet)>,
    pub(crate) instructed: UnboundedReceiver<Instruction>,
}

impl Janus {
    /// A room at the HTTP interface `address`, for example `http://192.0.2.1:8088/janus`; media sockets are bound to
    /// `bind`.
    ///
    /// # Errors
    /// When the address is none.
    pub fn new(address: &str, room: u64, bind: IpAddr) -> anyhow::Result<Self> {
        Ok(Self {
            address: Url::parse(address).with_context(|| format!("{address} is not an address"))?,
            room,
            bind,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(40))
                .no_proxy()
                .build()?,
        })
    }

    /// The address that media sockets are bound to.
    #[must_use]
    pub const fn bind(&self) -> IpAddr {
        self.bind
    }

    /// Connects a publisher with these layers and a voice.
    ///
    /// # Errors
    /// When Janus refuses it or media do not connect in time.
    pub(crate) async fn publish(
        &self,
        layers: &[Layer],
        library: &Library,
    ) -> anyhow::Result<Publisher> {
        let handle = self.attach().await?;
        let lines = vec![LineSpec::Voice, LineSpec::Picture(layers.to_vec())];
        let (mut peer, instructed) =
            ThinPeer::open(Way::Direct(self.bind), lines, Gauge::default()).await?;
        let joining = json!({"request": "join", "ptype": "publisher", "room": self.room});
        handle.request(joining, None).await?;
        let offer = peer.offer().await?;
        let publishing = json!({"request": "publish", "audiocodec": "opus", "videocodec": "vp8"});
        let configured = handle.request(publishing, Some(("offer", &offer))).await?;
        peer.answer(sdp_of(&configured)?).await?;
        connected(&mut peer).await?;
        let (camera, voice) = players(&peer, Some(1), Some(0), library).await?;
        Ok(Publisher {
            peer,
            camera,
            voice,
            instructed,
        })
    }

    /// The number of somebody who publishes in the room; Janus lists them a moment after their media connected.
    async fn publisher(&self, handle: &Handle<'_>) -> anyhow::Result<u64> {
        let listing = json!({"request": "listparticipants", "room": self.room});
        for _ in 0..LISTINGS {
            let listed = handle.request(listing.clone(), None).await?;
            let participants = listed["participants"].as_array();
            let publishing = participants
                .into_iter()
                .flatten()
                .find(|participant| participant["publisher"] == true);
            if let Some(id) = publishing.and_then(|participant| participant["id"].as_u64()) {
                return Ok(id);
            }
            sleep(BETWEEN_LISTINGS).await;
        }
        bail!("nobody publishes in the room")
    }

    /// Opens a session with a handle of the plugin.
    async fn attach(&self) -> anyhow::Result<Handle<'_>> {
        let created = self.post("", json!({"janus": "create"})).await?;
        let session = id_of(&created)?;
        let attaching = json!({"janus": "attach", "plugin": "janus.plugin.videoroom"});
        let attached = self.post(&format!("/{session}"), attaching).await?;
        Ok(Handle {
            janus: self,
            session,
            id: id_of(&attached)?,
        })
    }

    async fn post(&self, path: &str, mut body: Value) -> anyhow::Result<Value> {
        body["transaction"] = json!(format!("{:08x}", getrandom::u32()?));
        let address = format!("{}{path}", self.address);
        let response = self
            .http
            .post(address)
            .body(body.to_string())
            .send()
            .await?;
        understood(&response.text().await?)
    }
}

/// A handle of the plugin in a session of its own.
struct Handle<'a> {
    janus: &'a Janus,
    session: u64,
    id: u64,
}

impl Handle<'_> {
    /// Sends a request and waits for what the plugin says to it.
    async fn request(&self, body: Value, jsep: Option<(&str, &str)>) -> anyhow::Result<Value> {
        let mut message = json!({"janus": "message", "body": body});
        if let Some((kind, sdp)) = jsep {
            message["jsep"] = json!({"type": kind, "sdp": sdp});
        }
        let path = format!("/{}/{}", self.session, self.id);
        let first = self.janus.post(&path, message).await?;
        if first["janus"] == "success" {
            return plugin_data(&first);
        }
        loop {
            let event = self.event().await?;
            if event["janus"] == "event" {
                let mut said = plugin_data(&event)?;
                said["jsep"] = event["jsep"].clone();
                return Ok(said);
            }
        }
    }

    /// The next thing that Janus tells this session.
    async fn event(&self) -> anyhow::Result<Value> {
        let address = format!("{}/{}?maxev=1", self.janus.address, self.session);
        let response = self.janus.http.get(address).send().await?;
        let event = understood(&response.text().await?)?;
        // With `maxev` newer versions answer with a list.
        Ok(match event {
            Value::Array(events) => events.into_iter().next().unwrap_or_default(),
            event => event,
        })
    }
}

/// Watches the room's publisher until it is time to leave, and tells what it saw.
pub(crate) async fn watch(
    janus: Janus,
    part: Part,
    leave: CancellationToken,
    arrivals: watch::Sender<usize>,
) -> Observation {
    let mut observation = Observation::new(&part.name, &part.group);
    if let Err(error) = stay(&janus, &part, &leave, &arrivals, &mut observation).await {
        if observation.connected_after.is_none() {
            arrivals.send_modify(|arrivals| *arrivals += 1);
        }
        observation.failure = Some(format!("{error:#}"));
    }
    observation
}

async fn stay(
    janus: &Janus,
    part: &Part,
    leave: &CancellationToken,
    arrivals: &watch::Sender<usize>,
    observation: &mut Observation,
) -> anyhow::Result<()> {
    let began = Instant::now();
    let handle = janus.attach().await?;
    let feed = janus.publisher(&handle).await?;
    let subscribing = json!({
        "request": "join", "ptype": "subscriber", "room": janus.room, "streams": [{"feed": feed}],
    });
    let attached = handle.request(subscribing, None).await?;
    let (mut viewer, _instructed) =
        ThinPeer::open(Way::Direct(janus.bind), Vec::new(), part.gauge.clone()).await?;
    let answer = viewer.answer_offer(sdp_of(&attached)?)?;
    let starting = json!({"request": "start", "room": janus.room});
    handle.request(starting, Some(("answer", &answer))).await?;
    connected(&mut viewer).await?;
    observation.connected_after = Some(began.elapsed());
    observation.suite = viewer.suite();
    arrivals.send_modify(|arrivals| *arrivals += 1);
    loop {
        tokio::select! {
            () = leave.cancelled() => break,
            () = sleep(CONNECTION_CHECK) => if !viewer.is_connected() {
                bail!("the media connection broke");
            }
        }
    }
    observation.take_lines(&mut viewer.lines(), began);
    viewer.close().await
}

async fn connected(peer: &mut ThinPeer) -> anyhow::Result<()> {
    timeout(JOIN_TIMEOUT, peer.connected())
        .await
        .map_err(|_| anyhow!("media did not connect in {} s", JOIN_TIMEOUT.as_secs()))?
}

/// An answer of Janus, unless it is an error.
fn understood(text: &str) -> anyhow::Result<Value> {
    let value: Value =
        serde_json::from_str(text).with_context(|| format!("Janus said no JSON: {text}"))?;
    match value["error"].as_object() {
        Some(error) => bail!("Janus said: {}", json!(error)),
        None => Ok(value),
    }
}

fn id_of(answer: &Value) -> anyhow::Result<u64> {
    let id = answer["data"]["id"].as_u64();
    id.with_context(|| format!("Janus gave no id: {answer}"))
}

/// What the plugin says, unless it is an error.
fn plugin_data(event: &Value) -> anyhow::Result<Value> {
    let said = &event["plugindata"]["data"];
    match said["error"].as_str() {
        Some(error) => bail!("the room said: {error}"),
        None => Ok(said.clone()),
    }
}

fn sdp_of(said: &Value) -> anyhow::Result<&str> {
    let sdp = said["jsep"]["sdp"].as_str();
    sdp.with_context(|| format!("Janus gave no SDP: {said}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_janus_and_of_its_room_are_told() {
        let refused =
            understood(r#"{"janus":"error","error":{"code":458,"reason":"No such session"}}"#);
        assert!(refused.unwrap_err().to_string().contains("No such session"));
        let event = understood(
            r#"{"janus":"event","plugindata":{"data":{"videoroom":"event","error":"No such room"}}}"#,
        );
        let error = plugin_data(&event.unwrap()).unwrap_err();
        assert!(error.to_string().contains("No such room"));
        assert!(understood("busy").is_err());
    }
}
