/* call.js - one RTCPeerConnection for each other person in the room.
 *
 * Perfect negotiation (W3C WebRTC, 10.7): both sides may offer at any time, the polite one gives way. The seat
 * with the higher number is the polite one. When no media has come through within ten seconds `onfailed` is called
 * once, so that the page can show the telephone as the way out; the connection goes on trying.
 */
const PATIENCE_MS = 10000;

export class Call {
  #own;
  #ice;
  #send;
  #stream;
  #peers = new Map();
  onstream = () => {};
  ongone = () => {};
  onstate = () => {};
  onfailed = () => {};

  constructor({ own, ice, stream, send }) {
    this.#own = own;
    this.#ice = ice;
    this.#send = send;
    this.#stream = stream;
  }

  /** Makes the connections of exactly these seats: new ones opened, those that left closed. */
  reconcile(ids) {
    for (const id of [...this.#peers.keys()]) if (!ids.includes(id)) this.#close(id);
    for (const id of ids) if (!this.#peers.has(id)) this.#open(id);
  }

  async signal(from, data) {
    const peer = this.#peers.get(from) ?? this.#open(from);
    const { connection } = peer;
    if (data.description) {
      const collision = data.description.type === 'offer'
        && (peer.offering || connection.signalingState !== 'stable');
      peer.ignoring = !peer.polite && collision;
      if (peer.ignoring) return;
      await connection.setRemoteDescription(data.description);
      if (data.description.type === 'offer') {
        await connection.setLocalDescription();
        this.#send(from, { description: connection.localDescription });
      }
      return;
    }
    if (data.candidate !== undefined) {
      try {
        await connection.addIceCandidate(data.candidate ?? undefined);
      } catch (error) {
        if (!peer.ignoring) throw error;
      }
    }
  }

  async replace(stream) {
    this.#stream = stream;
    for (const { connection } of this.#peers.values()) {
      for (const track of stream.getTracks()) {
        const sender = connection.getTransceivers()
          .find((one) => one.receiver.track.kind === track.kind)?.sender;
        if (sender) await sender.replaceTrack(track);
        else connection.addTrack(track, stream);
      }
    }
  }

  /** Frames decoded and seconds of sound received so far, over everybody: what the quality words come from. */
  async statistics() {
    const total = { frames: 0, audioPackets: 0, audioEnergy: 0, lost: 0, roundTrip: 0 };
    for (const { connection } of this.#peers.values()) {
      (await connection.getStats()).forEach((report) => {
        if (report.type === 'inbound-rtp') {
          total.frames += report.framesDecoded ?? 0;
          total.audioPackets += report.kind === 'audio' ? report.packetsReceived ?? 0 : 0;
          total.audioEnergy += report.totalAudioEnergy ?? 0;
          total.lost += report.packetsLost ?? 0;
        }
        if (report.type === 'candidate-pair' && report.nominated)
          total.roundTrip = Math.max(total.roundTrip, report.currentRoundTripTime ?? 0);
      });
    }
    return total;
  }

  close() {
    for (const id of [...this.#peers.keys()]) this.#close(id);
  }

  #open(id) {
    const connection = new RTCPeerConnection({ iceServers: this.#ice });
    const peer = { connection, polite: this.#own > id, offering: false, ignoring: false, patience: null };
    this.#peers.set(id, peer);

    connection.addEventListener('negotiationneeded', async () => {
      // The first offer is the impolite side's: after a rolled back first offer Chromium gathers no candidates.
      if (peer.polite && !connection.remoteDescription) return;
      try {
        peer.offering = true;
        await connection.setLocalDescription();
        this.#send(id, { description: connection.localDescription });
      } finally {
        peer.offering = false;
      }
    });
    connection.addEventListener('icecandidate', ({ candidate }) => this.#send(id, { candidate }));
    connection.addEventListener('track', ({ track, streams }) => {
      this.onstream(id, streams[0] ?? new MediaStream([track]));
    });
    connection.addEventListener('connectionstatechange', () => {
      this.onstate(id, connection.connectionState);
      if (connection.connectionState === 'connected') clearTimeout(peer.patience);
      if (connection.connectionState === 'failed') {
        connection.restartIce();
        this.onfailed(id);
      }
    });
    peer.patience = setTimeout(() => {
      if (connection.connectionState !== 'connected') this.onfailed(id);
    }, PATIENCE_MS);

    for (const track of this.#stream.getTracks()) connection.addTrack(track, this.#stream);
    for (const kind of ['audio', 'video'])
      if (!this.#stream.getTracks().some((track) => track.kind === kind))
        connection.addTransceiver(kind, { direction: 'recvonly' });
    return peer;
  }

  #close(id) {
    const peer = this.#peers.get(id);
    if (!peer) return;
    clearTimeout(peer.patience);
    peer.connection.close();
    this.#peers.delete(id);
    this.ongone(id);
  }
}
