// Shows how far the documents are on their way. Without it the form is sent as forms are.
const form = document.querySelector('[data-upload]');

form?.addEventListener('submit', (event) => {
  const files = form.querySelector('[type=file]').files;
  if (files.length === 0) return;
  event.preventDefault();
  const progress = form.querySelector('progress');
  const button = form.querySelector('[type=submit]');
  const request = new XMLHttpRequest();
  const plainly = () => form.submit(); // the browser shows what the server says
  progress.hidden = false;
  button.disabled = true;
  request.upload.addEventListener('progress', (sent) => {
    if (sent.lengthComputable) progress.value = sent.loaded / sent.total;
  });
  request.addEventListener('load', () => {
    const next = request.status === 200 ? JSON.parse(request.responseText).location : null;
    if (next) location.assign(next);
    else plainly();
  });
  request.addEventListener('error', plainly);
  request.open('POST', form.action);
  request.setRequestHeader('Accept', 'application/json');
  request.send(new FormData(form));
});
