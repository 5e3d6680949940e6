/** Words of the live room and the device check before it. */
export const words = {
	title: "Meeting room",
	product: "Điểm Cầu",
	close: "Close",
	role: {
		chair: "Chair",
		secretary: "Secretary",
		point: "Bridge point",
		presenter: "Presenter",
		viewer: "Viewer",
	},
	device: {
		camera: "Camera",
		microphone: "Microphone",
		speaker: "Loudspeaker",
		server: "Connection",
		default: "The system's own",
		screen: "Screen",
		unnamed: "a device without a name",
		silent:
			"The microphone is open, but nothing has come from it for 10 seconds. Choose another one.",
		other: "Choose another",
		again: "Try again",
		numbered: "{{device}} {{number}}",
		unknown: "Opening…",
		none: "No {{device}} is found. Plug one in, and it appears here.",
		hidden: "Let the browser use the {{device}} to choose one.",
		fixed:
			"This browser lets no page choose a loudspeaker: choose it in the machine's settings.",
		standsIn: "Standing in; {{name}} is used again when it is plugged in.",
		test: "Test",
		testOf: "Test {{name}}",
		testing: "Playing…",
		testBad: "Does not play",
		mutedIs:
			"The microphone is closed to the room; only this machine sees these bars.",
	},
	lobby: {
		leave: "Leave",
		when: "{{day}}, {{from}} to {{to}}",
		viewer: "Viewer: sees and hears only",
		cameraOff: "Joining with the camera off",
		cameraBad: "No picture yet",
		cameraOpening: "Opening the camera…",
		onEntry: "On entry",
		withCamera: "Camera on",
		withoutCamera: "Camera off",
		withMic: "Microphone on",
		withoutMic: "Microphone off",
		micOff: "Off when joining",
		hearing: "Clearly heard",
		speak: "Say a few words",
		play: "Play a test sound",
		playing: "Playing…",
		rtt: "{{ms}} ms",
		join: "Join",
		joinClass: "Join the class",
		again: "Check again",
	},
	door: {
		left: "In",
		goesOn:
			"When it is time, this page goes on to the check of camera and microphone.",
		goesIn: "This device is checked. When it is time, this page goes in.",
		check: "Check camera and microphone first",
		page: "Page of the session",
		since: "It ended at {{time}} on {{date}}.",
		whenOpen: "Go in when it opens",
	},
	check: {
		ok: "Good",
		bad: "Failed",
		look: "Look",
		slow: "Slow",
		off: "Off",
		opening: "Opening",
		listening: "Listening",
		measuring: "Measuring",
		played: "Played",
		notYet: "Not tried",
	},
	verdict: {
		ready: "Ready to join",
		ready_do: "Picture, sound and connection are good.",
		checking: "Checking this computer",
		checking_do: "If the browser asks, press Allow.",
		silent: "You can join, but nothing is heard from the microphone",
		silent_do:
			"Say something; if the bars stay still, choose another microphone.",
		slow: "You can join, but the connection is slow",
		slow_do: "Plug in a network cable, then press Check again.",
		noSound: "You can join, but nobody will hear you",
		noSound_do: "Look at the microphone, then press Check again.",
		noPicture: "You can join, but there is no picture of you",
		noPicture_do: "Look at the camera, then press Check again.",
		unreachable: "You cannot join yet",
		unreachable_do:
			"The server does not answer. Check the network cable, then press Check again.",
	},
	receive: {
		label: "Receive picture and sound",
		everything: "Everything",
		everything_why: "All pictures, as sharp as the connection carries",
		low: "Low",
		low_why: "All pictures in small size, for a weak connection",
		screen_only: "Slides only",
		screen_only_why: "The shared screen and sound",
		audio_only: "Sound only",
		audio_only_why: "No pictures; this machine's camera rests too",
	},
	pictureCodec: {
		label: "How the sent picture is encoded",
		vp8: "VP8",
		vp8_why: "Every machine can show it; recommended",
		h264: "H.264",
		h264_why:
			"Easy on machines with a hardware encoder; a few viewers cannot decode it",
		vp9: "VP9 in layers",
		vp9_why: "Sharper on the same uplink, harder on the machine",
		missing: "This browser does not have it",
	},
	display: {
		label: "Pictures",
		both: "Wall and main picture",
		speaker: "Main picture",
		wall: "Wall only",
		hideEmpty: "Hide places without a picture",
		full: "Full screen",
		fullOff: "Pictures fill the screen",
		fullOn: "Press to leave",
		fullLeave: "Leave full screen",
		floating: "Floating window",
		floatingWhy: "Picture and microphone",
		second: "Second screen",
		secondWhy: "A window for a projector",
	},
	enter: {
		early:
			"The session begins at {{time}}. The room is not open yet; this page goes in by itself.",
		entering: "Entering the room…",
		waiting:
			"The server has not answered. Trying again; you need not press anything.",
		websocket:
			"The page opens but the room does not: this network blocks the WebSocket to {{host}}, usually by a proxy. Ask the network's administrator to let WebSocket pass.",
		back: "Back to the device check",
		storage:
			"The server cannot save data, so it lets nobody in yet. Its staff have been told; this page tries again by itself.",
	},
	bar: {
		good: "Good connection",
		weak: "Weak connection",
		fallback: "Fallback path {{path}}",
		connecting: "Connecting picture and sound",
		points: "Points",
		points_count: "{{present}}/{{invited}}",
		lost_offline: "No network here",
		lost_network: "Connection lost",
		lost_signaling: "Commands cut",
		lost_media: "Sound, picture lost",
		lost_server: "Server stopping",
		lost_storage: "Server cannot save",
	},
	wall: {
		label: "Wall of bridge points, {{count}} fixed places",
		present: "{{count}} points present",
		rest: "{{lost}} reconnecting, {{absent}} absent",
		viewers: "{{count}} viewers",
	},
	tile: {
		absent: "Absent",
		reconnecting: "Reconnecting, place kept",
		back: "Reconnecting",
		backFor: "Reconnecting {{time}}",
		you: "You",
		floor: "holds the floor",
		air: "On air",
		private: "Pinned",
		paused: "Paused",
		hand: "asks for the floor, place {{place}}",
		cameraOff: "Camera off",
		notReceived: "Not received",
		undecodable: "This machine cannot decode the picture",
		micOpen: "Microphone open",
		micClosed: "Microphone off",
		micLocked: "Microphone locked",
		announced: "called, microphone still closed",
		next: "next to speak",
	},
	stage: {
		label: "Main picture",
		nobody: "Nobody is on the main picture yet",
		empty: "Empty",
		air: "On air to everybody",
		screen: "Shared screen",
		ownScreen: "You are sharing your screen",
		audioOnly: "Sound only: no picture is received",
		screenOnly: "No screen is shared",
		paused: "Weak connection: the picture is paused, sound is kept",
		undecodable:
			"This browser cannot decode the point's picture; sound is kept. Use a recent Chrome, Edge or Firefox.",
		speaking: "Speaking",
		speaks: "{{name}} is speaking",
		waiting: "Waiting for the picture",
		announced: "Microphone still closed",
		announcing: "Everybody sees this point",
	},
	floor: {
		label: "Requests for the floor",
		title: "Requests",
		waiting: "{{count}} waiting",
		empty: "Nobody asks for the floor. Press Request floor to be called.",
		emptyChair: "Nobody asks for the floor.",
		keepsPlace: "Reconnecting, keeps the place",
		new: "New · {{time}}",
		grant: "Call",
		grantTo: "Give the floor to {{name}}",
		lower: "Take {{name}} off the list",
		speaking: "Has the floor",
		holding: "has the floor",
		release: "Open discussion",
		next: "Next",
		toNext: "Next",
		nextTo: "Let {{name}} speak next",
		now: "Call now",
		nowTo: "Call {{name}} now and cut the turn",
		cancelNext: "Not next",
		cancelNextOf: "{{name}} is not next after all",
		end: "End my turn",
		turn: "turn {{number}}",
		left: "left",
		leftOf: "left of {{time}}",
		nearlyOver: "Nearly over",
		extend: "1 minute",
		extendOf: "Give {{name}} one minute more",
		about: "About: {{topic}}",
		topic: "What would you speak about?",
		topicHint: "Optional",
		topicSave: "Save",
		unheardFirst: "Points not yet heard first",
		unheardFirstOn: "Points not yet heard stand first.",
		length: "Length of a turn",
		lengthOf: "{{minutes}} minutes a turn.",
		length_none: "No limit",
		length_minutes: "{{minutes}} min",
		heard: "Have spoken",
		heardTurns: "{{count}} turns",
		announced: "Microphone opens in {{seconds}} s",
	},
	turn: {
		holding: "You have the floor",
		none: "No request yet",
		hint: "Press Request floor to be called.",
		lockedHint:
			"The chair has locked microphones. Press Request floor to be called.",
		place: "Your place in the queue",
		next: "You are next.",
		before: "Before you: {{names}}.",
		announcing: "You are called to speak.",
		opens: "The microphone opens in {{seconds}} s.",
		isNext: "Next to speak",
		isNextText: "When the present turn ends.",
	},
	chat: {
		label: "Chat",
		title: "Chat",
		empty: "No messages yet.",
		placeholder: "Message to the room",
		send: "Send",
		you: "You",
		unread: "{{count}} new messages",
		older: "Show earlier messages",
		loading: "Loading…",
	},
	roster: {
		label: "People",
		title: "People",
		here: "Present",
		back: "Reconnecting",
		encoder: "encoder",
		removed: "Removed",
		readmit: "Readmit",
		readmitOf: "Readmit {{name}}",
	},
	tabs: { label: "Lists", seats: "Points", hands: "Requests" },
	keys: {
		own: "Your keys",
		chair: "The chair's commands",
		microphone: "Microphone",
		microphoneShort: "Mic",
		micOpen: "Open",
		micClosed: "Off",
		micMuted: "Muted by the chair",
		micLocked: "Locked by the chair",
		camera: "Camera",
		cameraOpening: "Opening…",
		on: "On",
		off: "Off",
		viewerOnly: "When called",
		screen: "Share",
		screenStart: "Choose a screen",
		screenStop: "Press to stop",
		screenKept: "For those who are called",
		screenKeptForOne: "Kept for one point",
		takeChair: "Take the chair back",
		takeChairDetail: "Whoever holds it sits as before",
		screenOther: "Somebody is sharing",
		hand: "Request floor",
		handUp: "Ask",
		handDown: "Withdraw",
		handRest: "Press to ask",
		handRaised: "No. {{place}}, press to drop",
		volume: "Volume",
		louder: "Louder",
		softer: "Softer",
		more: "More",
		moreShort: "More",
		moreDetail: "Receiving, statistics",
		leave: "Leave room",
		leaveShort: "Leave",
		leaveDetail: "The session goes on",
		grant: "Give floor",
		grantNext: "Next: {{name}}",
		grantNobody: "Nobody asks",
		lockAll: "Lock microphones",
		lockAllOn: "{{count}} locked",
		lockAllOff: "Not locked",
		lockSome: "{{count}} locked one by one",
		record: "Record",
		record_off: "Press to record",
		record_starting: "Starting…",
		record_on: "Hold 2 s to stop",
		record_failed: "The recorder does not answer",
		end: "End",
		endHold: "Hold for 2 s",
		holding: "Keep holding…",
		endChair: "The chair ends it",
		trouble_blocked_browser: "Browser blocks it",
		trouble_blocked_system: "Machine blocks it",
		trouble_missing: "None is found",
		trouble_busy: "In use elsewhere",
		trouble_insecure: "Needs trusted https",
		trouble_dismissed: "Not allowed yet",
		trouble_unknown: "Did not open",
		trouble_interrupted: "Interrupted",
		handEnd: "End my turn",
		handEndShort: "Done",
		handEndDetail: "Press when you are done",
		handNext: "Next, wait for it",
		notYet: "Not yet",
		notYetDetail: "Microphone stays closed",
		micOpens: "Opens in {{seconds}} s",
		grantNow: "Call now",
		grantNowDetail: "Cuts the turn",
		grantLater: "After this turn",
		grantQueue: "Next: {{name}}",
		record_auto: "By itself; press for now",
	},
	command: {
		pin: "Pin to my main picture",
		unpin: "Unpin",
		air: "Show to everybody",
		airOff: "Stop showing to everybody",
		lower: "Take off the list of requests",
		mute: "Mute",
		lock: "Lock microphone",
		unlock: "Unlock microphone",
		remove: "Remove from the room",
		screenKeep: "Keep the screen for this point",
		screenFree: "Let others share again",
		giveChair: "Hand the chair on",
		grantNext: "Let speak next",
		grantNow: "Call to speak now",
		cancelNext: "Not next after all",
	},
	mode: {
		label: "Mode:",
		title: "The room's mode: who may do what",
		discussion: "Discussion",
		training: "Training",
		conference: "Conference",
		effect: {
			discussion: "Unlocks all microphones; every point speaks and shares.",
			training:
				"Locks microphones; presenters speak and share, others speak when called.",
			conference:
				"Locks microphones; only points that are called speak and share.",
		},
		speak: {
			who: "Who may speak",
			discussion: "everybody whose own microphone is not locked",
			training: "chair, secretary, presenters, and whoever is called",
			conference: "chair, secretary, and whoever is called",
		},
		show: {
			who: "Who may share",
			discussion: "everybody, one at a time",
			training: "chair, secretary, presenters, and whoever is called",
			conference: "chair, secretary, and whoever is called",
			one: "{{name}} alone",
		},
		rest: { who: "Camera, chat", everybody: "everybody" },
		record: { who: "Recording", presiding: "chair, secretary" },
	},
	giveChair: {
		title: "Hand the chair to {{name}}?",
		text: "{{name}} chairs this session from now on and may end it. You become secretary. The scheduled chair can take it back at any time.",
		keep: "Keep it",
		yes: "Hand it on",
	},
	leaving: {
		title: "Leave {{title}}?",
		text: "The session goes on. You may come back at any time.",
		chair:
			"The session goes on; a secretary, if there is one, presides. To end it for all, hold the End key.",
		floor: "Your turn to speak ends.",
		stay: "Stay",
		go: "Leave",
	},
	lowering: {
		title_own: "Withdraw your request to speak?",
		title_other: "Take {{name}} off the list of requests?",
		text_own: "You are number {{place}}. Asking again puts you at the end.",
		text_other:
			"{{name}} is number {{place}}. To speak, they must ask again, and stand at the end.",
		keep: "Keep",
		yes_own: "Withdraw",
		yes_other: "Take off the list",
	},
	journal: {
		disk_full:
			"The server cannot save what happens: its disk is full. It is kept and saved later; tell the server's staff to free the disk.",
		read_only:
			"The server cannot save what happens: its disk or database takes no writes. It is kept and saved later; tell the server's staff.",
		database_away:
			"The server cannot save what happens: its database does not answer. It is kept and saved later; tell the server's staff.",
		other:
			"The server cannot save what happens. It is kept and saved later; tell the server's staff to look at the log.",
	},
	remove: {
		title: "Remove {{name}} from the room?",
		text: "{{name}} leaves at once and cannot come back until chair or secretary presses Readmit in the list of people.",
		cancel: "Keep",
	},
	recording: {
		on: "Recording",
		starting: "Starting to record…",
		failed: "Recording interrupted",
		auto: "Records itself",
		more: "About the recording of this session",
	},
	reconnect: {
		title: "Reconnecting, your place is kept",
		offline:
			"This machine has no network. Check its cable or Wi-Fi; it reconnects by itself.",
		network:
			"The network between this machine and the server is lost. You need not press anything.",
		server: "The server is restarting. You need not press anything.",
		long: "No network for more than 2 minutes. Check the cable; you come back as soon as it works.",
		seat: "Seat {{number}} is kept",
		role: "Your role is kept: {{role}}",
		hand: "Your place in the queue is kept: {{place}}",
		storage:
			"The server cannot save data, so it lets nobody back in yet. Its staff have been told; it tries again by itself.",
	},
	/** While half of the link is silent. */
	outage: {
		offline:
			"This machine has no network, your place is kept. Check its cable or Wi-Fi.",
		network:
			"The server cannot be reached, your place is kept. It reconnects by itself.",
		signaling:
			"Sound and picture go on, but commands are cut: keys do nothing yet. Your place is kept, it reconnects by itself.",
		media:
			"Sound and picture are lost, your place is kept. They come back by themselves.",
		server:
			"The server is stopping, your place is kept. It reconnects by itself.",
		storage:
			"The server cannot save data, your place is kept. It tries again by itself.",
	},
	media: {
		connecting:
			"Picture and sound are reconnecting. You need not press anything.",
		weak: "Weak connection. Sound is kept, the picture is reduced.",
		blocked_no_relay:
			"This network blocks picture and sound: UDP and TCP to port {{ports}} do not pass. Ask the network's administrator to open UDP port {{ports}} to {{host}}.",
		blocked_relay_closed:
			"This network blocks picture and sound (UDP and TCP port {{ports}}). The way over TLS, port {{port}}, does not open either: a firewall blocks it, or this machine does not trust the server's certificate; the browser does not tell which. Install the certificate from {{certificate}} and open the page again.",
		blocked_engine_silent:
			"This machine reaches the server over TLS, port {{port}}, but the server sends no picture or sound. Ask the server's administrator to run diemcau doctor.",
		refused:
			"This browser cannot connect picture and sound. Use a recent Chrome, Edge or Firefox.",
	},
	more: {
		title: "More",
		commands: "Commands",
		devices: "Devices",
		keys: "Keyboard",
		technician: "Technician",
		keyboard: "Use keyboard shortcuts",
		language: "Language",
	},
	shortcuts: {
		layout: "Change what is seen",
		label: "Keyboard",
		grant: "Call to speak; while somebody speaks, make next",
		lock: "Lock or unlock all microphones",
		broadcast: "Show the selected seat to everybody",
		select: "Select a seat by its number",
		walk: "Walk on the wall",
		more: "More",
		list: "List of keys",
		hand: "Request floor",
		microphone: "Microphone",
		camera: "Camera",
		chat: "Chat",
		talk: "Hold to talk",
		volume: "Volume",
		digits: "Number of a place",
		arrows: "← ↑ ↓ →",
		space: "Space",
		notYet: "Not yet (when called unasked)",
		release: "Go to the key that ends the turn",
	},
	stats: {
		label: "Connection in figures",
		path: "Path",
		path_udp: "UDP",
		path_tcp: "TCP",
		path_tls: "TLS {{port}}",
		rtt: "Round trip",
		down: "Receiving",
		up: "Sending",
		lossDown: "Loss downward",
		lossUp: "Loss upward",
		estimate: "Downlink can carry",
		line: "Stream",
		size: "Size",
		rate: "Rate",
		freezes: "Freezes",
		pixels: "pixels",
		times: "times",
		audio: "Voice",
		stage: "Main picture",
		tile: "Small picture",
		screen: "Shared screen",
	},
	why: {
		all_link:
			"Pictures are small or paused because the downlink carries only {{estimate}}, of which sound keeps {{voices}} first. Use a network cable, or close other programs.",
		all_choice:
			"Pictures are small or absent by the choice of what to receive. Choose Everything for better ones.",
		all_publisher:
			"This machine's downlink suffices; {{count}} bridge points can only send small pictures at the moment.",
		all_enough: "The downlink suffices for all pictures in view.",
		all_nothing: "There is no picture to receive yet.",
		best: "The best that the sender offers",
		paused: "Paused: it needs {{needed}}, the downlink has no room left",
		link: "Small: a better one needs {{needed}}, the downlink has no room left",
		rising: "About to get better: the downlink has just improved",
		keyframe: "Waiting for a whole picture from the sender",
		publisher: "The sender only sends a small picture at the moment",
		choice: "By the choice of what to receive",
		view: "Shown small, so a small picture suffices",
		codec: "This browser cannot decode the picture",
		muted: "The sender sends no picture",
	},
	notice: {
		floor_mine: "You have the floor. The microphone is open.",
		floor_other: "{{name}} has the floor.",
		floor_over: "Your turn is over. The microphone is closed.",
		mic_locked:
			"The chair has locked your microphone. Press Request floor to be called.",
		mic_unlocked:
			"The chair has unlocked your microphone. It is closed; press Microphone to speak.",
		mic_muted: "The chair has muted you. Press Microphone to speak again.",
		screen_other: "{{name}} is sharing a screen.",
		recording_off: "Recording has stopped.",
		recording_failed:
			"The recorder does not answer; the session is not being recorded. Tell support.",
		encoder_unreached:
			"Encoder {{name}} does not reach the server: a firewall is between, or it was switched off. Code for support: {{detail}}",
		encoder_handshake:
			"Encoder {{name}} and the server cannot agree on a secure connection. Tell support this code: {{detail}}",
		encoder_lost:
			"Picture and sound of encoder {{name}} are lost. Code for support: {{detail}}",
		broadcast_mine: "Everybody sees your picture.",
		role_chair: "You are the chair.",
		chair_taken:
			"{{name}} is chairing this session. You are in as the secretary; the chair passes to you when {{name}} leaves the room.",
		chair_passed: "The chair has passed to somebody else. You no longer chair.",
		chair_now: "{{name}} chairs the session from now on.",
		preset_discussion: "Discussion: everybody may speak and share.",
		preset_training:
			"Training: presenters speak and share, others when they are called.",
		preset_conference: "Conference: whoever is called speaks and shares.",
		screen_mine: "The chair keeps the screen for you.",
		screen_kept: "From now on only {{name}} may share.",
		screen_free: "The screen is kept for nobody any more.",
		chair_away:
			"The chair has been away for 10 seconds. The secretary has all powers, ending the session included.",
		chair_back: "The chair is back.",
		part_ended: "{{name}} has no part in the session any more and has left.",
		session_changed: "The session goes on until {{time}}.",
		end_is_the_chairs:
			"The chair is here, so only the chair can end the session. The secretary can once the chair has been away for 10 seconds.",
		role_secretary: "You are the secretary.",
		role_point: "You take part as a bridge point.",
		role_presenter: "You are a presenter.",
		role_viewer: "You are a viewer.",
		back: "Back after {{seconds}} seconds. Your place and turn are kept.",
		refusal_not_chair: "Only the chair and the secretary can do this.",
		refusal_not_allowed: "Your role in this session cannot do that.",
		refusal_microphone_locked:
			"The chair has locked microphones. Press Request floor to be called.",
		refusal_unknown_participant: "This person has left the room.",
		refusal_screen_taken:
			"{{detail}} is sharing a screen. Wait until that ends.",
		refusal_screen_kept:
			"Only some may share at present. Press More to see who.",
		refusal_cannot_chair:
			"The chair can only be handed to somebody who is in the room and may speak.",
		refusal_bad_text:
			"The message is empty or longer than {{detail}} characters.",
		refusal_unreadable_text:
			"The message has characters that cannot be shown. Remove them, then send again.",
		refusal_hand_unchanged: "The list of requests is already so.",
		refusal_bad_sdp:
			"This browser cannot connect picture and sound. Use a newer one.",
		refusal_bad_fingerprint:
			"This browser cannot connect picture and sound. Use a newer one.",
		refusal_weak_fingerprint:
			"This browser cannot connect picture and sound. Use a newer one.",
		refusal_bad_offer:
			"This browser cannot connect picture and sound. Use a newer one.",
		refusal_no_peer: "Picture and sound are reconnecting.",
		refusal_session_full:
			"Besides those of chair, secretary and invited bridge points, the room has {{detail}} places, and all are taken.",
		refusal_node_full:
			"The media server has no place left. This page tries again by itself.",
		refusal_node_reserved:
			"The media server keeps its last places for the bridge points. This page tries again by itself.",
		refusal_media_unavailable: "The media server is restarting. Wait a moment.",
		refusal_malformed: "The server did not understand this. Reload the page.",
		refusal_already_here: "The session is open on another device or tab.",
		refusal_chat_too_fast:
			"Too many messages. Wait a few seconds, then send again.",
		refusal_bad_command_id:
			"The server did not understand this. Reload the page.",
		refusal_not_saved:
			"Done, but the server has not saved it yet. If it stops now, this may be lost.",
		refusal_journal_not_saved:
			"The server cannot save what happens, so it takes only locking, muting, leaving and ending.",
		refusal_too_many_commands:
			"Too fast. Wait a few seconds, then press again.",
		refusal_session_over: "The session is over.",
		refusal_recording_unavailable:
			"This session cannot be recorded now. Tell support.",
		not_sent:
			"The connection was lost when you pressed, so nothing was sent. Press again if you still want it.",
		window_refused:
			"The browser opens no window. Allow pop-ups of this page, then press again.",
		device_lost: "{{device}} is gone: {{name}}.",
		device_replaced: "{{device}} {{name}} cannot be used. Using {{by}}.",
		device_now: "{{device}} in use: {{by}}.",
		device_back: "{{device}} works again: {{name}}.",
		device_interrupted:
			"{{device}} is interrupted by this machine, perhaps by a call or a switch. It comes back by itself.",
		device_resumed: "{{device}} is back.",
		hearing_closed:
			"The microphone is closed, so nobody hears this. Press Microphone to speak.",
		hearing_locked:
			"The chair has locked this microphone, so nobody hears this. Press Request floor to be called.",
		fault_camera_blocked_browser: "The browser is blocking the camera. {{way}}",
		fault_camera_blocked_system:
			"This machine does not let the browser use the camera. {{way}}",
		fault_camera_missing:
			"No camera is found. Plug one in, and it is used by itself.",
		fault_camera_busy:
			"Another application is using the camera. Close it, and the picture comes by itself.",
		fault_camera_insecure:
			"Browsers offer the camera over trusted https only. Install the server's certificate, then reload the page.",
		fault_camera_dismissed:
			"The camera is not allowed yet. Press {{again}}, then choose Allow.",
		fault_camera_unknown:
			"The camera could not be opened. Unplug it, plug it in, then press {{again}}.",
		fault_microphone_blocked_browser:
			"The browser is blocking the microphone. {{way}}",
		fault_microphone_blocked_system:
			"This machine does not let the browser use the microphone. {{way}}",
		fault_microphone_missing:
			"No microphone is found. Plug one in, and it is used by itself.",
		fault_microphone_busy:
			"Another application is using the microphone. Close it, and the sound comes by itself.",
		fault_microphone_insecure:
			"Browsers offer the microphone over trusted https only. Install the server's certificate, then reload the page.",
		fault_microphone_dismissed:
			"The microphone is not allowed yet. Press {{again}}, then choose Allow.",
		fault_microphone_unknown:
			"The microphone could not be opened. Unplug it, plug it in, then press {{again}}.",
		fault_speaker_blocked_browser:
			"The browser is blocking the loudspeaker. Press anywhere on the page, then try again.",
		fault_speaker_blocked_system:
			"This machine does not let the browser use this loudspeaker. Choose another.",
		fault_speaker_missing:
			"No loudspeaker is found. Plug one in, and it is used by itself.",
		fault_speaker_busy:
			"Another application is using the loudspeaker. Close it.",
		fault_speaker_insecure: "This page needs https for choosing a loudspeaker.",
		fault_speaker_dismissed: "No loudspeaker was chosen.",
		fault_speaker_unknown:
			"The loudspeaker does not play. Plug it in again, then try once more.",
		fault_screen_blocked_browser: "The browser is blocking screen sharing.",
		fault_screen_blocked_system:
			"This machine does not let the browser see the screen. Allow it in the machine's privacy settings, then press Share screen again.",
		fault_screen_missing: "This browser cannot share a screen. Use a computer.",
		fault_screen_busy:
			"The screen could not be captured. Choose another window.",
		fault_screen_insecure: "This page needs https for sharing a screen.",
		fault_screen_dismissed: "No screen was chosen.",
		fault_screen_unknown:
			"The screen could not be shared. Press Share screen once more.",
		hand_taken:
			"The chair has taken this point off the list of requests. To speak, press Request floor again.",
		floor_extended: "You have one minute more to speak.",
		floor_expired: "The time of your turn is over.",
		turn_nearly_over: "{{seconds}} seconds left to speak.",
		turn_nearly_over_of: "{{name}} has {{seconds}} seconds left to speak.",
		refusal_bad_turn_length: "A turn lasts {{detail}} seconds.",
		refusal_no_turn_end: "Nobody has a turn that ends at a set time.",
		floor_declined: "You said Not yet. The microphone stays closed.",
		floor_over_open:
			"Your turn is over. The microphone is open as before it. Press Microphone to close it.",
		next_mine: "You are next to speak.",
		mic_unlocked_open:
			"The chair has unlocked it. The microphone is open as before; press Microphone to close it.",
		mic_open_again:
			"The microphone is open again, as before that turn. Press Microphone to close it.",
		recording_on_until:
			"This session is recorded. The recording is kept until {{date}}.",
		recording_on_kept:
			"This session is recorded. The recording has no date of deletion.",
		recording_auto_until:
			"This session records by itself when its time has come and chair or secretary is here. The recording is kept until {{date}}.",
		recording_auto_kept:
			"This session records by itself when its time has come and chair or secretary is here. The recording has no date of deletion.",
		recording_hold:
			"Hold the key for 2 seconds to stop recording: what follows will not be in it.",
		removed: "{{name}} was removed from the room.",
		journal_back: "The server saves what happens again; nothing was lost.",
	},
	way: {
		browser_windows:
			"Press the icon left of the page's address, turn on {{device}}, then press {{again}}.",
		browser_android:
			"Press the icon left of the page's address, choose Permissions, turn on {{device}}, then press {{again}}.",
		browser_ios:
			"Press the aA icon beside the page's address, choose Website Settings, allow {{device}}, then press {{again}}.",
		browser_other:
			"Press the lock beside the page's address, allow {{device}}, then press {{again}}.",
		system_windows:
			"Open Windows Settings, Privacy, {{device}}, turn it on for desktop apps, then press {{again}}.",
		system_android:
			"Open the machine's Settings, Apps, the browser, Permissions, allow {{device}}, then press {{again}}.",
		system_ios:
			"Open the machine's Settings, choose the browser in use, turn on {{device}}, then press {{again}}.",
		system_other:
			"Open the machine's privacy settings, let the browser use {{device}}, then press {{again}}.",
	},
	action: {
		devices: "Choose a device",
		retry: "Try again",
		readmit: "Readmit",
	},
	bye: {
		taken_over: "The session was opened elsewhere",
		taken_over_do:
			"The same account or point has just come in from another device or tab, so this one stopped. Press Come back to use this one.",
		removed: "The chair has removed you",
		removed_do: "To come back, call the chair or the secretary.",
		session_ended: "The session is over",
		session_ended_do:
			"The recording, if there is one, will be on the session's page.",
		left: "You have left",
		left_do: "The session goes on. Press Come back if you need to.",
		server_stopping: "The server is stopping",
		server_stopping_do: "Wait a moment, then press Come back.",
		too_slow: "The connection is too slow",
		too_slow_do: "Plug in a network cable, then press Come back.",
		frame_too_large: "This page sent a command that is too large",
		frame_too_large_do: "Press Come back; if nothing changes, call support.",
		too_many_frames: "This page sent too many commands and was cut off",
		too_many_frames_do: "Press Come back; if nothing changes, call support.",
		access_ended: "Your right to this session was taken back",
		access_ended_do:
			"The link was revoked, or the account was disabled or signed out. Call whoever invited you.",
		access_changed: "Your part in the session has changed",
		access_changed_do: "Press Come back to use the new one.",
		not_saved: "The server cannot save data, so you cannot join yet",
		not_saved_do:
			"The server's staff have been told. Wait a moment, then press Come back.",
		protocol_mismatch: "This page is out of date",
		protocol_mismatch_do: "Reload it for the new version.",
		refused: "You cannot join yet",
		refused_do: "Press Come back; if nothing changes, call support.",
		refused_session_full:
			"Besides those of chair, secretary and invited bridge points, the room has {{detail}} places, and all are taken",
		refused_session_full_do:
			"Wait until somebody leaves, then press Come back, or call support.",
		refused_session_over: "The session is over",
		refused_session_over_do:
			"The recording, if there is one, will be on the session's page.",
		refused_already_here:
			"The session is open in another tab or on another device",
		refused_already_here_do:
			"If you move it here, the other one stops; microphone and camera begin switched off here.",
		refused_not_allowed: "You cannot come back to this session",
		refused_not_allowed_do:
			"The chair has removed you, or your account is not invited. Call the chair or the secretary.",
		again: "Come back",
		reload: "Reload the page",
		page: "To the session's page",
		take_over: "Move it here",
	},
} as const;
