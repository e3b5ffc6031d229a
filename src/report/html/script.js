// Reads values off the charts by pointer and keyboard, and keeps what is long folded on a screen. The page is whole without it.
(() => {
  'use strict';
  const stamp = (millis) => new Date(millis).toISOString().replace('.000Z', 'Z');

  // A word for each column; an empty one is as the word before it.
  const words = (text) => {
    let before = '';
    return text.split(' ').map((word) => (before = word || before));
  };

  const reading = (word) => {
    if (word === '·') return 'not measured';
    return word.endsWith('!') ? word.slice(0, -1) + ', beyond the limit' : word;
  };

  const prepare = (figure) => {
    const data = (name) => Number(figure.dataset[name]);
    const scrub = figure.querySelector('.scrub');
    const readout = figure.querySelector('.readout');
    const cursor = figure.querySelector('.cursor');
    const plot = figure.querySelector('.plot');
    const lines = [...figure.querySelectorAll('.series')].map((item) => ({
      name: item.dataset.name,
      values: words(item.dataset.values),
    }));
    const position = (column) => Math.floor((column * data('points')) / data('columns'));
    const at = (place) => data('first') + place * data('step');
    const span = (column) => {
      const after = position(column + 1);
      return [at(position(column)), at('part' in figure.dataset ? after : after - 1)];
    };

    const show = (column) => {
      const [first, last] = span(column);
      const share = ((first + last) / 2 - data('left')) / (data('right') - data('left'));
      const x = Math.min(1, Math.max(0, share)) * 100 + '%';
      cursor.setAttribute('x1', x);
      cursor.setAttribute('x2', x);
      cursor.setAttribute('visibility', 'visible');
      const time = first === last ? stamp(first) : stamp(first) + ' to ' + stamp(last);
      const values = lines.map((line) => [line.name, reading(line.values[column])]);
      readout.replaceChildren(time);
      for (const [name, value] of values) {
        const item = document.createElement('span');
        const label = document.createElement('b');
        label.textContent = name + ' ';
        item.append(label, value);
        readout.append(item);
      }
      scrub.value = column;
      scrub.setAttribute('aria-valuetext', time + ': ' + values.map((pair) => pair.join(' ')).join('; '));
    };

    const nearest = (event) => {
      const box = plot.getBoundingClientRect();
      const share = (event.clientX - box.left) / box.width;
      const time = data('left') + share * (data('right') - data('left'));
      const place = Math.round((time - data('first')) / data('step'));
      const column = Math.floor((place * data('columns')) / data('points'));
      return Math.min(data('columns') - 1, Math.max(0, column));
    };

    scrub.hidden = false;
    readout.hidden = false;
    readout.textContent = 'Point at the chart, or move the slider, to read values.';
    scrub.setAttribute('aria-valuetext', 'not moved yet');
    scrub.addEventListener('input', () => show(Number(scrub.value)));
    scrub.addEventListener('focus', () => show(Number(scrub.value)));
    plot.addEventListener('pointermove', (event) => show(nearest(event)));
    plot.addEventListener('pointerdown', (event) => show(nearest(event)));
  };

  document.querySelectorAll('.chart').forEach(prepare);

  const folded = [...document.querySelectorAll('details')];
  let unfolded = [];
  folded.forEach((part) => (part.open = false));
  addEventListener('beforeprint', () => {
    unfolded = folded.filter((part) => !part.open);
    unfolded.forEach((part) => (part.open = true));
  });
  addEventListener('afterprint', () => unfolded.forEach((part) => (part.open = false)));
})();
