using System.Text;
using Flotilla.ClusterCore.Storage;

namespace Flotilla.Robustness.Histories;

/// <summary>
/// Checks a recorded history. Every change has a revision of its own, so the only order it can have happened in is that of
/// the revisions: it is linearizable if that order explains every answer and never turns the clock back.
/// </summary>
internal static class Linearizability
{
    /// <param name="events">All that happened, as a watch from the beginning tells it.</param>
    /// <returns>The model at the end, for further questions.</returns>
    public static StoreModel Check(IReadOnlyCollection<RecordedOperation> operations, IReadOnlyList<StoreEvent> events)
    {
        var model = Rebuild(operations, events);
        foreach (var operation in operations.Where(static operation => operation.Revision is not null))
        {
            CheckAnswer(model, operation);
        }

        CheckRealTime(operations);
        return model;
    }

    private static StoreModel Rebuild(IReadOnlyCollection<RecordedOperation> operations, IReadOnlyList<StoreEvent> events)
    {
        var changes = operations.Where(static operation => operation.Changed).ToDictionary(static operation => operation.Revision!.Value);
        var unknown = operations.Where(static operation => operation.Result is null && operation.Read is null).ToList();
        var model = new StoreModel();
        foreach (var revision in events.GroupBy(static change => change.KeyValue.ModRevision).OrderBy(static group => group.Key))
        {
            Assert.Equal(model.Revision + 1, revision.Key);
            var request = changes.Remove(revision.Key, out var known) ? known.Txn! : Guess(unknown, revision);
            _ = model.Apply(request);
            Assert.Equal(model.Changes(revision.Key), revision.Select(StoreModel.Describe).Order(StringComparer.Ordinal));
        }

        Assert.Empty(changes);
        return model;
    }

    /// <summary>A change nobody had an answer for must be one that somebody asked for; it happened once.</summary>
    private static TxnRequest Guess(List<RecordedOperation> unknown, IGrouping<long, StoreEvent> revision)
    {
        var puts = revision.Count(static change => change.Kind == StoreEventKind.Put);
        var suspect = unknown.FirstOrDefault(operation => operation.Txn!.Success.OfType<StoreOperation.Put>().Count() == puts && operation.Txn.Success.All(wanted => wanted switch
        {
            StoreOperation.Put put => revision.Any(change =>
                change.Kind == StoreEventKind.Put && change.KeyValue.Key.Span.SequenceEqual(put.Key.Span) &&
                Encoding.UTF8.GetString(change.KeyValue.Value.Span) == $"{revision.Key}{Encoding.UTF8.GetString(put.Value.Span)}"),
            StoreOperation.Delete delete when operation.Txn.Success.Count == 1 => revision.Any(change =>
                change.Kind == StoreEventKind.Delete && change.KeyValue.Key.Span.SequenceEqual(delete.Range.Start.Span)),
            _ => true,
        }));
        Assert.True(suspect is not null, $"nobody asked for what happened at revision {revision.Key}");
        _ = unknown.Remove(suspect);
        return suspect.Txn!;
    }

    private static void CheckAnswer(StoreModel model, RecordedOperation operation)
    {
        var revision = operation.Revision!.Value;
        if (operation.Read is { } read)
        {
            Assert.Equal(model.Read(operation.Range!.Range, revision).Select(StoreModel.Describe), read.KeyValues.Select(StoreModel.Describe));
        }
        else
        {
            Assert.Equal(model.Holds(operation.Txn!, operation.Changed ? revision - 1 : revision), operation.Result!.Succeeded);
        }
    }

    /// <summary>What began after an answer is at that answer's revision or later; a change, later.</summary>
    private static void CheckRealTime(IReadOnlyCollection<RecordedOperation> operations)
    {
        var answered = operations.Where(static operation => operation.Revision is not null).OrderBy(static operation => operation.Answered).ToList();
        var (seen, newest) = (0, 0L);
        foreach (var operation in answered.OrderBy(static operation => operation.Called))
        {
            for (; seen < answered.Count && answered[seen].Answered < operation.Called; seen++)
            {
                newest = Math.Max(newest, answered[seen].Revision!.Value);
            }

            Assert.True(
                operation.Changed ? operation.Revision > newest : operation.Revision >= newest,
                $"revision {operation.Revision} was answered to a call made after revision {newest} had been answered");
        }
    }
}
