const list = document.querySelector("ol");
const state = document.querySelector("[role=status]");
const enter = document.querySelector("#enter");
const say = document.querySelector("#say");

// region: reconnect
let socket, me, timer;
let online = false;
let pause = 500;  // milliseconds until the next attempt

function connect() {
  clearTimeout(timer);
  socket = new WebSocket("/ws/books/1");
  socket.onmessage = ({ data }) => hear(JSON.parse(data));
  socket.onclose = ({ code }) => {
    online = false;
    state.textContent = "not connected";
    // What was refused once would be refused again.
    if (code === 1007 || code === 1009) outbox.shift();
    // Spread by chance, or all pages would come back at once.
    timer = setTimeout(connect, pause * (0.5 + Math.random() / 2));
    pause = Math.min(2 * pause, 30_000);
  };
}
// endregion: reconnect

// region: outbox
const outbox = [];  // what was typed and has not been heard back

function send() {
  if (online && outbox.length) {
    socket.send(JSON.stringify({ text: outbox[0] }));
  }
}

function hear(message) {
  if (message.type === "joined") {
    if (me) show("You may have missed something.");
    me = message.as;
    online = true;
    pause = 500;
    state.textContent = `connected as ${me}`;
    send();
  } else if (message.type === "said") {
    show(`${message.from}: ${message.text}`);
    if (message.from === me && message.text === outbox[0]) {
      outbox.shift();
      send();
    }
  } else if (message.type === "missed") {
    show("You may have missed something.");
  } else if (message.type === "sold") {
    show("Sold!");
  }
}
// endregion: outbox

function show(text) {
  const item = document.createElement("li");
  item.textContent = text;  // never innerHTML: others wrote it
  list.append(item);
}

say.onsubmit = (event) => {
  event.preventDefault();
  outbox.push(say.text.value);
  say.reset();
  if (outbox.length === 1) send();  // else one is on its way
};

// region: enter
enter.onsubmit = async (event) => {
  event.preventDefault();
  const name = encodeURIComponent(enter.name.value);
  // Django's token; the others set no such cookie.
  const token = /csrftoken=(\w+)/.exec(document.cookie)?.[1] ?? "";
  const answer = await fetch(`/guests/${name}`, {
    method: "PUT",
    headers: { "X-CSRFToken": token },
  });
  if (answer.ok) {
    socket.onclose = null;
    socket.close();
    connect();
  } else {
    state.textContent = "This name is taken.";
  }
};
// endregion: enter

connect();
