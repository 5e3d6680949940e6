/** Words of all pages but the live room. */
export const pages = {
	product: "Điểm Cầu",
	tagline: "Online meetings and training",
	documentTitle: "{{page}} · Điểm Cầu",
	language: { label: "Language", vi: "Tiếng Việt", en: "English" },
	shell: {
		skip: "Skip to the main content",
		sections: "Main sections",
		home: "Today",
		create: "New session",
		classes: "Training",
		monitor: "Monitor",
		account: "Account {{name}}",
		signOut: "Sign out",
		loading: "Loading {{what}}…",
		close: "Close",
		cutOff: {
			silent:
				"This device has lost its connection to the server. What is shown is of {{time}}; meetings may go on as before. The page asks again by itself.",
			failing:
				"The server cannot answer at present. What is shown is of {{time}}. The page asks again by itself.",
		},
	},
	role: {
		department_admin: "Department administrator",
		unit_admin: "Unit administrator",
		it_staff: "IT staff",
		trainer: "Trainer",
		member: "Member",
		guest: "Guest",
		point: "Room device",
	},
	sessionRole: {
		chair: "Chair",
		secretary: "Secretary",
		point: "Bridge point",
		presenter: "Presenter",
		viewer: "Viewer",
	},
	kind: {
		meeting: "Meeting",
		conference: "Conference",
		seminar: "Seminar",
		training: "Training",
		class_observation: "Class observation",
	},
	state: {
		planned: "Planned",
		open: "Open, nobody there yet",
		live: "Live",
		ended: "Ended",
		lapsed: "Did not take place",
		cancelled: "Cancelled",
	},
	error: {
		retry: "Try again",
		title: "This page could not be opened",
		panel: "Could not load {{what}}",
		code: "Code for the technician: {{code}}",
		unreachable:
			"The server did not answer. Check the network, then press Try again.",
		unexpected:
			"The server had a problem. Press Try again; if it stays, give the code below to the technician.",
		page: "This page stopped half-way. Press Try again; if it stays, give the code below to the technician.",
	},
	problem: {
		not_signed_in: "Your sign-in has ended. Sign in again to go on.",
		not_allowed: "This account may not do that.",
		not_found: "There is no such content, or this account may not see it.",
		unknown_session:
			"There is no such session, or this account may not see it. Check the session's code in the invitation.",
		unknown_class: "There is no such class, or this account may not see it.",
		unknown_recording:
			"There is no such recording, or this account may not see it.",
		unknown_point: "There is no such bridge point. Choose again from the list.",
		unknown_participant: "Nobody of this kind is in the room at the moment.",
		unknown_unit: "There is no such unit. Choose the convening unit again.",
		unknown_account: "There is no such account. Check the account's name.",
		unknown_link: "This link had been revoked before.",
		wrong_password:
			"The account or the password is not right. Check Caps Lock and the input method, then try again.",
		account_disabled:
			"This account is locked. Ask your unit's administrator to open it.",
		rate_limited:
			"Too many attempts. Wait {{seconds}} seconds, then try again.",
		link_invalid: "This link does not work. Ask the sender for a new one.",
		link_expired: "This link has expired. Ask the sender for a new one.",
		link_revoked: "This link has been revoked. Ask the sender for a new one.",
		name_required: "Give your name to enter.",
		bad_name: "This name cannot be used. Write it again.",
		"bad_name|empty": "Nothing of this name can be seen. Write it again.",
		"bad_name|too_long":
			"The name has more than {{limit}} characters. Shorten it.",
		"bad_name|unreadable":
			"The name has characters that cannot be shown. Remove them, then try again.",
		"bad_name|direction":
			"The name has characters that turn the writing direction. Type it, do not paste it.",
		"bad_name|marks":
			"The name has marks without a letter, or too many. Type it again.",
		guests_not_allowed:
			"An internal session takes no guests. Only bridge points and people with accounts can be invited.",
		point_not_invited: "This bridge point is not part of the session.",
		session_full:
			"Besides those of chair, secretary and invited bridge points, the session has {{limit}} places, and all are taken.",
		session_ended: "This session has ended.",
		booking_conflict:
			"{{point}} has {{title}}, {{starts_at_time}} to {{ends_at_time}} on {{starts_at_date}}. Choose another time or leave out that bridge point.",
		point_not_yours:
			"One bridge point is outside this unit ({{point}}). Leave it out, then try again.",
		secret_refused: "This system does not accept sessions with secret content.",
		bad_title: "This title cannot be used. Write it again.",
		"bad_title|empty": "Nothing of this title can be seen. Write a title.",
		"bad_title|too_long":
			"The title has more than {{limit}} characters. Shorten it.",
		"bad_title|unreadable":
			"The title has characters that cannot be shown. Remove them, then try again.",
		"bad_title|direction":
			"The title has characters that turn the writing direction. Type it, do not paste it.",
		"bad_title|marks":
			"The title has marks without a letter, or too many. Type it again.",
		unreadable_text:
			"The text has half a character that was cut. Remove it, then send again.",
		bad_time: "The session's times are not right. Look at date and time.",
		"bad_time|order": "The end must come after the begin.",
		"bad_time|too_long": "A session lasts at most 24 hours.",
		"bad_time|past": "This time is past. Choose another.",
		"bad_time|too_far": "A session is planned at most two years ahead.",
		"bad_time|no_date": "There is no such date.",
		try_again: "Somebody made a session at the same moment. Press once more.",
		not_composable:
			"This recording is being made or is not closed yet. Wait a few minutes.",
		invalid: "What was sent is not valid. Look at the fields, then try again.",
		too_large: "What was sent is too long.",
		body_too_slow:
			"The network is too slow for what was sent. Try again, or use another network.",
		database_unavailable:
			"The server cannot read or write its data. Wait a minute, then try again; if nothing changes, call support.",
		unavailable: "The server is busy. Wait a minute, then try again.",
		token_expired: "This pass has expired. Ask whoever sent it for a new one.",
		token_revoked:
			"This pass was taken back. Ask whoever sent it for a new one.",
		too_early:
			"The room opens at {{opens_at_time}} on {{opens_at_date}}. This page goes in by itself.",
		session_over: "This session is over.",
		unknown_resource:
			"This media connection is closed. Connect from the beginning.",
		no_such_route:
			"The server has no such function. Reload the page for the new version.",
		no_such_file: "There is no such file. Reload the page for the new version.",
		method_not_allowed: "The server does not take this. Reload the page.",
		no_own_authority:
			"The server has a certificate of a public authority; nothing needs to be installed.",
		film_gone:
			"The replay file is gone from the server, or cut short. Reload the page to see how it is.",
		no_film_yet:
			"The film of this recording is not ready. Wait some minutes and open it again.",
		bad_range: "The recording is shorter than that. Choose another moment.",
		no_points: "Choose at least one bridge point.",
		too_many_points:
			"A session invites at most {{limit}} bridge points. Take some away and try again.",
		duplicate_point:
			"The bridge point {{point}} is chosen twice. Take one away.",
		bad_link:
			"The role, the bridge point and the person of the link do not go together. Choose again.",
		bad_sdp: "The server cannot read this device's media offer.",
		bad_fingerprint:
			"The media offer of this device names its certificate in a wrong way.",
		weak_fingerprint:
			"This device names its certificate by a hash that proves nothing (MD5, SHA-1). Set SHA-256 in it.",
		bad_offer:
			"The server does not take the kind of picture or sound that this device offers.",
		if_match_required:
			"The device did not name its connection. Connect from the beginning.",
		etag_changed:
			"This connection was renewed elsewhere. Connect from the beginning.",
		wrong_content_type: "The device sent the wrong kind of content.",
		not_json: "The page sent the wrong kind of content. Reload the page.",
		malformed_body:
			"The server did not understand what was sent. Reload the page and try again.",
		malformed_query:
			"The server did not understand this address. Reload the page and try again.",
		malformed_path:
			"This address has characters that cannot be read. Open it from the list.",
		foreign_origin:
			"The request does not come from a page of this system. Open it from its own address.",
		too_many_players:
			"This link or account has {{limit}} players open, as many as it may. Close one, then try again.",
		node_full:
			"The media server has no place left. Wait a minute, then try again.",
		node_reserved:
			"The media server keeps its last places for the bridge points. Try again later.",
		media_unavailable:
			"The media engine is restarting. Wait a moment and try again.",
		internal:
			"The server failed at this. Try again; if it stays so, call support.",
	},
	duration: {
		less: "less than a minute",
		"minutes#one": "{{count}} minute",
		"minutes#other": "{{count}} minutes",
		"hours#one": "{{count}} hour",
		"hours#other": "{{count}} hours",
		"days#one": "{{count}} day",
		"days#other": "{{count}} days",
	},
	notFound: {
		title: "There is no such page",
		text: "The address may be mistyped, or the page has moved.",
		home: "To today's page",
	},
	point: {
		good: "Good",
		weak: "Weak",
		lost: "Connection lost",
		idle: "Not in a session",
	},
	signIn: {
		title: "Sign in",
		lead: "Use the account that your unit has given you.",
		login: "Account",
		loginMissing: "Enter the account, for example hoai.vi",
		password: "Password",
		passwordMissing: "Enter the password",
		showPassword: "Show the password",
		submit: "Sign in",
		forgotten:
			"Forgotten password: ask your unit's administrator to set a new one.",
		byLink: "Invited by a link: open the link itself, no account is needed.",
		secret: "Do not use this system for secret content.",
		certificate:
			"The browser says it is not safe: get the server's certificate",
		promise: "A named seat for each unit, one meeting room for the province.",
	},
	link: {
		title: "Join by an invitation link",
		what: "where this link leads",
		when: "When",
		planned: "As planned",
		convenes: "Convenes",
		chair: "Chair",
		code: "Code",
		asWhom: "This link is for",
		over: "This session has ended and cannot be entered.",
		lapsed: "This session did not take place.",
		cancelled: "This session has been cancelled.",
		replay: "See the recording",
		nameLong: "The name has more than {{limit}} characters. Shorten it",
		opening: "Opening the room…",
		name: "Your name",
		nameHint: "It is shown under your picture in the room.",
		nameMissing: "Enter your name, for example Lô Thị Hằng",
		enter: "Join",
		signIn: "Sign in with an account",
		signedIn:
			"This browser is signed in as {{name}}. Joining by the link signs that account out here.",
		asAccount: "Join as {{name}}",
		byLink: "Join by the link",
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
		recorded: "This session is recorded. The recording is kept until {{date}}.",
		recordedForEver:
			"This session is recorded. The recording is kept without limit.",
		mayRecord:
			"The chair may record this session; the screen then says so. The recording is kept until {{date}}.",
		mayRecordForEver:
			"The chair may record this session; the screen then says so. The recording is kept without limit.",
	},
	home: {
		sessions: "the list of sessions",
		"count#one": "{{count}} session today",
		"count#other": "{{count}} sessions today",
		"chaired#one": "you chair {{count}}",
		"chaired#other": "you chair {{count}}",
		emptyTitle: "No sessions today",
		emptyText: "New ones appear here when you are invited.",
		today: "Other sessions today",
		later: "The days ahead",
		laterEmpty: "Nothing in the next two weeks.",
		replay: "Replay",
		replayEmpty: "No recordings in the last two weeks.",
		until: "until {{time}}",
		overTitle: "No more sessions today",
		in: "in {{time}}",
		overtime: "{{time}} over",
		due: "now due",
		details: "Details",
	},
	session: {
		title: "Session",
		"present#one": "{{count}} person in the room",
		"present#other": "{{count}} people in the room",
		"pointCount#one": "{{count}} bridge point",
		"pointCount#other": "{{count}} bridge points",
		noPoints: "No bridge point is invited.",
		join: "Join",
		chair: "Join and chair",
		attend: "Join the class",
		replay: "Replay",
		opensAt: "The room opens at {{time}}",
		openEmpty: "Open since {{time}}, nobody there yet",
		notInvited:
			"This account may see the schedule but is not part of the session. Ask the convening unit if you should be.",
		cancelled: "This session has been cancelled.",
		lapsed:
			"This session did not take place: nobody had come two hours after its planned end. What it had booked is free again.",
		opensOn: "The room opens at {{time}} on {{date}}",
		waitAtDoor: "Wait at the door",
		planned: "Planned {{from}} to {{to}}",
		code: "Code {{code}}",
		nobody: "nobody named",
		inCharge: "In charge",
		convenes: "Convenes",
		recorded: "Recorded from the beginning",
		mayRecord: "Recorded when the chair starts it",
		"keptDays#one": "kept {{count}} day",
		"keptDays#other": "kept {{count}} days",
		guestsMayReplay: "guests may see it",
		print: "Print this page",
		"attended#one": "{{present}} of {{invited}} points, {{count}} participant",
		"attended#other":
			"{{present}} of {{invited}} points, {{count}} participants",
		attendanceWhat: "the list of those present",
		who: "Point, person",
		when: "Present",
		howLong: "In all",
		absent: "Absent",
	},
	recording: {
		title: "Recordings",
		what: "the list of recordings",
		empty: "No recording yet",
		emptyText:
			"Recordings appear here when the chair presses Record in the room.",
		emptyAutomatic:
			"This session is recorded by itself. The recording appears here when it begins.",
		emptyEnded: "This session was not recorded.",
		keptUntil: "kept until {{date}}",
		progress: "Progress of the replay file",
		failure: {
			no_media:
				"The recording holds no sound and no picture: nobody opened a microphone or a camera, or shared a screen, while it ran.",
			files_missing:
				"The raw files of the recording are not on the server's disk. If there is a backup, copy them back and make the film again.",
			film_missing:
				"The replay file is gone from the server's disk, or cut short. Make it again from the raw sound and picture.",
			undecodable:
				"There are raw files, but no sound and no picture in them can be decoded.",
			ffmpeg_missing:
				"The server cannot run ffmpeg, which makes the replay file. Install ffmpeg and make the film again; the raw sound and picture are safe.",
			ffmpeg_failed:
				"ffmpeg gave up while making the replay file. The raw sound and picture are safe.",
			bad_settings:
				"The server's settings for making replay files are wrong. Correct recorder.toml and make the film again; the raw sound and picture are safe.",
			disk_full: "The server's disk is full. Free some space.",
			disk_failed: "The server cannot read or write its disk.",
			interrupted: "Recording, or making the film, was cut off.",
			unknown: "Why is not known. The server's log has the details.",
		},
		triesAgain: "The server tries again by itself.",
		composeAgain: "Make it again",
		healthOnly: "This account sees how it does, not what it shows.",
		state: {
			starting: "About to record",
			recording: "Recording",
			finalising: "Closing the recording",
			archived: "Stored, waiting for its replay file",
			composing: "Making the replay file, {{percent}}%",
			ready: "Ready to replay",
			failed: "The replay file could not be made",
		},
	},
	links: {
		title: "Invitation links",
		what: "the links",
		hint: "Each link opens this session only. Its address is shown once, when it is made: send it to the right person as soon as it is copied.",
		given: "Links given away",
		"givenCount#one": "{{count}} link given away",
		"givenCount#other": "{{count}} links given away",
		none: "No link has been given away.",
		made: "Made {{time}}, {{whom}}",
		terminal: "the server",
		unused: "Not used",
		used: "Used {{time}}",
		until: "Until {{time}}",
		ran: "Ran out {{time}}",
		revokedAt: "Revoked {{time}}",
		askRevokeUnused:
			"When it is revoked, whoever was given this link cannot come in any more.",
		askRevoke:
			"Somebody has used this link. When it is revoked, they have to leave the room.",
		purpose: {
			whip: "Encoder's token",
			whep: "Player's token",
			api: "Access token",
		},
		role: "Invite as",
		viewer: "Viewer",
		presenter: "Presenter",
		point: "Room device of a bridge point",
		name: "Name of the guest",
		anyName: "chosen on entry",
		make: "Make a link",
		address: "Link for {{whom}}",
		copy: "Copy",
		copyAddress: "Copy the session's address",
		copied: "Copied",
		copyFailed:
			"The browser does not allow copying. Select the link and copy it by hand.",
		revoke: "Revoke",
		expires: "Works until {{time}}",
	},
	create: {
		title: "New session",
		lead: "Invited bridge points see this session on their page of today.",
		name: "Title",
		kind: "Kind",
		kindHint: {
			meeting:
				"Everybody opens their own microphone; the chair gives the floor when needed.",
			conference:
				"Microphones are locked on entry, the chair gives the floor to one point after the other. Recording is preselected.",
			seminar:
				"Everybody opens their own microphone; the chair gives the floor when needed.",
			training:
				"Trainees of the class follow and raise hands; points open their own microphones.",
			class_observation:
				"Observers who come by a follower's link send neither sound nor picture.",
		},
		secretary: "Secretary (login)",
		secretaryHint: "Presides beside the chair. Leave empty if nobody is named.",
		titleLength: "{{count}} of {{limit}} characters",
		free: "Everybody is free at:",
		today: "today",
		notYours: "This account makes no sessions",
		whoMay:
			"Administrators of the department and of units, and trainers, make sessions. Ask your unit's administrator.",
		date: "Date",
		from: "From",
		to: "To",
		calendar: "Choose the date in a calendar",
		overnight: "overnight",
		unit: "Convening unit",
		secrecy: "Secrecy",
		secrecies: { normal: "Normal", internal: "Internal", secret: "Secret" },
		secrecyHint: {
			normal: "Guests can be invited by link.",
			internal: "Sign-in is needed, there are no guests.",
		},
		autoRecord: "Record from the beginning",
		autoRecordHint: "Everybody in the room sees that it is recorded.",
		guestsMayReplay: "Guests may see the recording",
		guestsMayReplayHint:
			"By the link they were given, for 7 days. Each view is written into the log.",
		"points#one": "Bridge points: {{count}}",
		"points#other": "Bridge points: {{count}}",
		pointsWhat: "the bridge points",
		search: "Find a point",
		"all#one": "Choose it",
		"all#other": "Choose all {{count}}",
		clear: "Choose none",
		noMatch:
			"No bridge point matches “{{search}}”. Clear the field to see all.",
		cancel: "Cancel",
		submit: "Create the session",
		goesOn: "Going on with the session that was not created last time.",
		anew: "Start anew",
		seeOther: "See that session",
		problem: {
			titleMissing: "Enter a title",
			titleLong:
				"The title has {{count}} characters, at most {{limit}} are taken. Shorten it",
			tooFar: "At most two years ahead",
			dateUnreadable: "Write the date like 19/11/2026",
			timeUnreadable: "Write the time like 14:00",
			sameTime: "The end must differ from the beginning",
			past: "That time has passed",
			pointsMissing: "Choose at least one bridge point",
		},
	},
	classes: {
		notYours: "This link leads to no class",
		whoMay:
			"A joining link leads into one session. Sign in with an account of your own to see classes.",
		title: "Training",
		what: "the list of classes",
		oneWhat: "the class",
		empty: "No classes yet",
		emptyText: "Classes appear here when this account is enrolled.",
		"lead#one": "Class {{code}}, {{count}} trainee. {{unit}}, {{year}}",
		"lead#other": "Class {{code}}, {{count}} trainees. {{unit}}, {{year}}",
		modules: "Modules",
		hours: "Hours",
		hourUnit: "h",
		next: "Next session",
		none: "none left",
		noNext: "This class has no sessions left.",
		today: "today",
		"moduleCount#one": "{{count}} module",
		"moduleCount#other": "{{count}} modules",
		"sessionCount#one": "{{count}} session",
		"sessionCount#other": "{{count}} sessions",
		mode: { live: "Online", self_study: "Self-study" },
	},
	monitor: {
		notYours: "This account does not see the monitor board",
		whoMay:
			"The board is for IT staff and administrators of the department and of units. If a line does badly, tell your unit's IT staff.",
		title: "Monitor",
		what: "the bridge points",
		"heading#one": "{{count}} bridge point",
		"heading#other": "{{count}} bridge points",
		updated: "Worst on top. Updated {{time}}",
		filter: "Filter",
		all: "All {{count}}",
		look: "Need a look {{count}}",
		idle: "Not in session {{count}}",
		none: "No bridge point is like that",
		"lost#one": "{{count}} point has lost its connection:",
		"lost#other": "{{count}} points have lost their connection:",
		now: "now",
		complaint: {
			loss: "High loss",
			rtt: "High delay",
			tcp: "Over TCP",
			tls: "Over TLS",
		},
		column: {
			number: "No.",
			state: "State",
			loss: "Loss %",
			rtt: "Delay ms",
			rates: "Up / down Mbit/s",
			up: "Up Mbit/s",
			down: "Down Mbit/s",
			path: "Path",
			seen: "Seen",
			time: "Time",
		},
		session: "In session",
		lossBoth: "Loss up / down",
		rtt: "Round trip",
		rateBoth: "Up / down",
		estimate: "Downlink can carry",
		path: "Path in use",
		pathTcp: "TCP, the network may block UDP",
		pathTls:
			"TLS through the HTTPS port, the only one the network lets through",
		lastSeen: "Last seen",
		never: "never",
		span: "Time span",
		historyWhat: "the measurements",
		noHistory: "No measurements in this time",
		lossTitle: "Loss %, threshold {{threshold}}",
		rttTitle: "Delay ms, threshold {{threshold}}",
		chart:
			"{{what}} of {{name}}: at most {{max}}, connection lost {{gaps}} times",
		gapNote: "Black: connection lost during a session. Grey: in no session.",
		inSession: "In session",
		neverLost: "never",
		"lostTimes#one": "{{count}} time, {{longest}}",
		"lostTimes#other": "{{count}} times, at most {{longest}}",
		asTable: "See it as a table",
	},
	replay: {
		title: "Replay",
		what: "the recording",
		lead: "Recorded on {{date}}",
		facts: "About the recording",
		session: "Session",
		started: "Began",
		duration: "Length",
		size: "File size",
		kept: "Kept until",
		play: "Play",
		pause: "Pause",
		back: "Back {{seconds}} seconds",
		forward: "Forward {{seconds}} seconds",
		speed: "Speed",
		mute: "Mute",
		fullscreen: "Full screen",
		position: "Position",
		positionText: "{{position}} of {{duration}}",
		failed:
			"It could not be played. Check the network, then press Try again; if it stays, try another browser.",
		waiting: {
			starting: "It can be replayed here once it is recorded.",
			recording:
				"The session is being recorded. The replay appears here after its end.",
			finalising:
				"The last seconds are being written. This page changes by itself.",
			archived:
				"Picture and sound are stored safely. The replay file is made in its turn; this page changes by itself.",
			composing:
				"You may close this page, the work goes on. This page changes by itself.",
			ready:
				"The replay file has not arrived yet. Load the page again in a minute.",
			failed:
				"The original picture and sound are safe. Press Make it again; if it stays, give the code below to the technician.",
		},
		keys: {
			title: "Keys",
			play: "Play, pause",
			seek: "Back, forward {{seconds}} seconds",
			speed: "Slower, faster",
			mute: "Mute",
			fullscreen: "Full screen",
		},
	},
} as const;
