/** Starts the console. */
import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { Router } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';
import { queries } from './api/queries.ts';
import { App } from './app.tsx';
import '@picocss/pico/css/pico.min.css';
import './style.css';
import './style/live.css';
import './style/nav.css';
import './style/register.css';
import './style/review.css';
import './style/start.css';
import './style/upkeep.css';
import './style/pictures.css';
import { Words } from './text/language.tsx';

render(
  <QueryClientProvider client={queries}>
    {/* What is in the hash never reaches a server: a link's token is in no log. */}
    <Router hook={useHashLocation}>
      <Words>
        <App />
      </Words>
    </Router>
  </QueryClientProvider>,
  document.getElementById('root')!,
);
