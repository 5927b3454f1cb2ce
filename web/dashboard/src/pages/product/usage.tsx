// What one product used.
import { UsageMonth } from '../../ui/usage_month.tsx';
import type { TabProps } from './product.tsx';

export const UsageTab = ({ product }: TabProps) => <UsageMonth name={product.name ?? ''} />;
