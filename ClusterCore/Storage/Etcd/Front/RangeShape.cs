using Flotilla.ClusterCore.Storage.Etcd.Api;
using static Flotilla.ClusterCore.Storage.Etcd.Api.EtcdRangeRequest.Types;

namespace Flotilla.ClusterCore.Storage.Etcd.Front;

/// <summary>
/// A range request as the store can do it, and what is left to do with its answer: sorting by anything but the key, and
/// filtering by revision, need the whole range.
/// </summary>
internal sealed class RangeShape
{
    private readonly EtcdRangeRequest message;
    private readonly bool needsAll;

    private RangeShape(EtcdRangeRequest message)
    {
        this.message = message;
        // Sorted by another column without an order, etcd sorts ascending.
        var sorts = message.SortOrder == SortOrder.Descend || message.SortTarget != SortTarget.Key;
        var filters = message.MinModRevision > 0 || message.MaxModRevision > 0 || message.MinCreateRevision > 0 || message.MaxCreateRevision > 0;
        needsAll = sorts || filters;
        Request = new(
            EtcdTranslation.Range(message.Key, message.RangeEnd), message.Revision, needsAll ? 0 : message.Limit,
            message.CountOnly, message.KeysOnly && message.SortTarget != SortTarget.Value, !message.Serializable);
    }

    public RangeRequest Request { get; }

    public static RangeShape Of(EtcdRangeRequest message) => new(message);

    public EtcdRangeResponse Response(RangeResult result, ResponseHeader header)
    {
        var items = needsAll ? Shape(result.KeyValues) : result.KeyValues;
        var response = new EtcdRangeResponse { Header = header, Count = result.Count };
        var limit = message.Limit > 0 ? (int)Math.Min(message.Limit, items.Count) : items.Count;
        response.More = needsAll ? items.Count > limit : result.More;
        response.Kvs.Capacity = limit;
        for (var i = 0; i < limit; i++)
        {
            var item = EtcdTranslation.Message(items[i]);
            if (message.KeysOnly)
            {
                item.Value = Google.Protobuf.ByteString.Empty;
            }

            response.Kvs.Add(item);
        }

        return response;
    }

    private List<KeyValue> Shape(IReadOnlyList<KeyValue> items)
    {
        var kept = items.Where(item =>
            Within(item.ModRevision, message.MinModRevision, message.MaxModRevision) &&
            Within(item.CreateRevision, message.MinCreateRevision, message.MaxCreateRevision));
        var order = Comparer<KeyValue>.Create(message.SortTarget switch
        {
            SortTarget.Version => static (left, right) => left.Version.CompareTo(right.Version),
            SortTarget.Create => static (left, right) => left.CreateRevision.CompareTo(right.CreateRevision),
            SortTarget.Mod => static (left, right) => left.ModRevision.CompareTo(right.ModRevision),
            SortTarget.Value => static (left, right) => left.Value.Span.SequenceCompareTo(right.Value.Span),
            _ => static (left, right) => left.Key.Span.SequenceCompareTo(right.Key.Span),
        });
        return [.. message.SortOrder == SortOrder.Descend
            ? kept.OrderDescending(order)
            : kept.Order(order)];
    }

    private static bool Within(long revision, long min, long max) => (min == 0 || revision >= min) && (max == 0 || revision <= max);
}
