/** How the server does, and what was called lately. */
import { useAnswer } from '../api/hooks.ts';
import { AppidLinks } from '../parts/appid-links.tsx';
import { CallsChart } from '../parts/calls-chart.tsx';
import { Greeting } from '../parts/greeting.tsx';
import { Answer, Fact, Facts, Title } from '../parts/notes.tsx';
import { TenantChoice } from '../parts/tenant-choice.tsx';
import { useWords } from '../text/language.tsx';
import { lastDays } from '../time.ts';

/** The first page. */
export function OverviewPage() {
  const { t } = useWords();
  return (
    <>
      <Title>{t('nav.overview')}</Title>
      <Greeting />
      <AppidLinks />
      <article>
        <h2>{t('overview.server')}</h2>
        <ServerFacts />
      </article>
      <article>
        <h2>{t('overview.calls')}</h2>
        <TenantChoice>{(appid) => <CallsOf appid={appid} />}</TenantChoice>
      </article>
    </>
  );
}

function ServerFacts() {
  const { t, number } = useWords();
  return (
    <Answer of={useAnswer('server.show', {}, { refetchInterval: 5_000 })}>
      {(server) => (
        <Facts>
          <Fact name="overview.state">{t(server.isReady ? 'overview.ready' : 'overview.starting')}</Fact>
          <Fact name="overview.version">{server.version}</Fact>
          <Fact name="overview.url">{server.url}</Fact>
          <Fact name="overview.model">
            <span title={server.model}>{server.model.slice(0, 12)}</span>
          </Fact>
          <Fact name="overview.faces">{number(server.facesInMemory)}</Fact>
          <Fact name="overview.persons">{number(server.personsInMemory)}</Fact>
          <Fact name="overview.inFlight">{number(server.inFlight)}</Fact>
          <Fact name="overview.waiting">{number(server.waiting)}</Fact>
          <Fact name="overview.expectedWait">{number(Math.round(server.expectedWaitMs))} ms</Fact>
        </Facts>
      )}
    </Answer>
  );
}

function CallsOf({ appid }: { readonly appid: string }) {
  const days = lastDays(30);
  const report = useAnswer('usage.report', { appid, from: days[0]!, to: days.at(-1)!, by: ['day'] });
  return (
    <Answer of={report}>
      {({ rows }) => {
        const found = new Map(rows.map((row) => [row.day, row]));
        return <CallsChart days={days.map((day) => ({ ...{ ok: 0, failed: 0 }, ...found.get(day), day }))} />;
      }}
    </Answer>
  );
}
