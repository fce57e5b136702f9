import { activitySuite } from '../store/activity.suite.ts';
import { postgresHome } from './home.ts';

activitySuite('PostgreSQL', postgresHome, ['read', 'write', 'calls', 'bulk']);
