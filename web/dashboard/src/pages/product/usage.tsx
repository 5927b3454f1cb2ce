// What one product used.
import { UsagePanel } from '../../ui/usage_panel.tsx';
import type { TabProps } from './product.tsx';

export const UsageTab = ({ product }: TabProps) => <UsagePanel name={product.name ?? ''} />;
