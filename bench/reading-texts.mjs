// Texts for `bench/reading`: letters as a building office gets them, and one long one. The same every time.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { dice } from './intake-mails.mjs';

const data = resolve(new URL('../tests/data', import.meta.url).pathname);

/* What people tell an office; nothing here is a value that could be proposed. */
const PROSE = [
  'Scrivo a nome di tutta la famiglia perché da diversi mesi aspettiamo notizie e non sappiamo più a chi rivolgerci.',
  'La casa è stata costruita dal nonno, poi ampliata più volte, e oggi nessuno ricorda quali disegni siano stati depositati.',
  'Il tecnico che ci seguiva ha cessato l\'attività e non ci ha lasciato copia degli elaborati.',
  'Vorremmo capire se la tettoia sul retro, che si vede dalla strada, sia stata autorizzata insieme al resto oppure no.',
  'Nel frattempo l\'impresa ha sospeso i lavori e il cantiere è rimasto aperto, con qualche disagio per i vicini.',
  'Abbiamo letto le istruzioni sul vostro sito, ma alcune voci non ci sono chiare e preferiamo parlarne con chi conosce la situazione.',
  'La banca ci chiede un documento che attesti lo stato legittimo dell\'immobile, e non sappiamo quale sia il più adatto.',
  'Sul muro di confine c\'è una crepa che si allarga ogni inverno; il perito dell\'assicurazione dice che dipende dallo scavo accanto.',
  'Chiediamo soltanto di sapere quali elaborati mancano, così da poterli far preparare senza perdere altro tempo.',
  'Resta da chiarire anche la questione degli scarichi, perché la relazione del geologo e quella dell\'idraulico non dicono la stessa cosa.',
  'Gli infissi sono già stati sostituiti, mentre il cappotto sulla facciata verso il cortile deve ancora essere posato.',
  'Mia sorella vive all\'estero e segue la faccenda come può, quindi vi sarei grato se le risposte arrivassero per iscritto.',
  'Allego la planimetria che abbiamo trovato in soffitta; è vecchia e in parte illeggibile, ma mostra bene la disposizione delle stanze.',
  'So che siete in pochi e che le domande sono tante, perciò vi ringrazio fin d\'ora per la pazienza.',
  'Il condominio ha deliberato a maggioranza, però un condomino contesta il verbale e minaccia di ricorrere.',
  'Non ho esperienza di queste cose e mi scuso se uso parole sbagliate.',
  'La signora del piano di sotto lamenta infiltrazioni e attribuisce la colpa al nostro balcone, che però non abbiamo mai toccato.',
  'L\'architetto propone di abbattere il tramezzo tra cucina e soggiorno e di spostare il bagno verso la scala.',
  'Ci è stato detto che basta una comunicazione, altri invece parlano di un permesso vero e proprio, e le opinioni non coincidono.',
  'Se fosse necessario un sopralluogo siamo naturalmente disponibili a far entrare chiunque, avvisati con un poco di anticipo.'];

/* What they want. */
const REQUESTS = [
  'Chiedo un appuntamento in videochiamata per la pratica SCIA n. {n}/2026, presentata il 12/03/2026.',
  'Sarei disponibile martedì mattina oppure giovedì dopo le 15.00.',
  'La pratica è la CILA prot. n. {n}123 del 05/10/2026, foglio 12, mappale {n}, sub 3.',
  'Andrebbe bene anche la prossima settimana, tranne il venerdì, verso le 10.',
  'Il mio numero è 045 5550{n}, meglio nel pomeriggio.',
  'L\'immobile si trova in via Garibaldi {n}, ed è di proprietà della signora Elena Fiorini.',
  'Parteciperà anche l\'ing. Carlo Bassi (c.bassi@studio.example).',
  'Possiamo fare il 26 novembre alle 9.30 o il 3 dicembre dalle 10 alle 12?'];

const CLOSINGS = [
  'Cordiali saluti\n\ngeom. Paola Verdi\nStudio tecnico Verdi\nvia Roma 12, 37100 Verona\ntel. 045 5550134',
  'In attesa di un vostro riscontro porgo distinti saluti.\n\nMario Neri',
  'Grazie e buon lavoro\nLuca Bianchi\ncell. 347 5550198\n\n'
    + 'Le informazioni contenute in questo messaggio sono riservate e destinate al solo destinatario; chi lo ricevesse per errore è pregato di cancellarlo.',
  'Cordialmente\nAnna Zanella\n\nIl giorno mar 17 nov 2026 alle ore 10:12 Sportello Edilizia <ufficio@comune.example> ha scritto:\n> Gentile signora,\n> '
    + 'la documentazione è incompleta.\n> Cordiali saluti'];

const wrapped = (text, width = 78) => text.replace(new RegExp(`(.{1,${width}})(?: |$)`, 'g'), '$1\n').trimEnd();

function letter(random, bytes) {
  const paragraphs = ['Buongiorno,'];
  for (let size = 0; size < bytes;) {
    const n = random.between(2, 5);
    const sentences = Array.from({ length: n }, () => random.one(random.next() < 0.2 ? REQUESTS : PROSE).replaceAll('{n}', String(random.between(100, 999))));
    paragraphs.push(wrapped(sentences.join(' ')));
    size += paragraphs.at(-1).length;
  }
  return [...paragraphs, random.one(CLOSINGS)].join('\n\n');
}

function prose(random, bytes) {
  const paragraphs = [];
  for (let size = 0; size < bytes; size += paragraphs.at(-1).length + 2)
    paragraphs.push(wrapped(Array.from({ length: 4 }, () => random.one(PROSE)).join(' ')));
  return paragraphs.join('\n\n');
}

/* Files in `folder`: letters of 1 to 4 KB, the whole messages of the tests, a body of 1 MiB with requests in it, and one that asks nothing. */
export function makeTexts(folder) {
  const random = dice(1);
  const write = (name, texts) => {
    writeFileSync(join(folder, name), texts.join('\0'));
    return join(folder, name);
  };
  const messages = JSON.parse(readFileSync(join(data, 'reading', 'messages.json'), 'utf8'));
  return {
    letters: write('letters', Array.from({ length: 400 }, () => letter(random, random.between(700, 3500)))),
    messages: write('messages', messages.map((one) => one.text)),
    body: write('body', [letter(random, 1 << 20).slice(0, 1 << 20)]),
    prose: write('prose', [prose(random, 1 << 20)]),
  };
}
