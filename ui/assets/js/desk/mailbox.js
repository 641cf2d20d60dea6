// The demo's mail page: new letters appear by themselves.
import { refresh } from './fresh.js';

setInterval(() => {
  if (document.visibilityState === 'visible') refresh('/posta-di-prova');
}, 3000);
