namespace Flotilla.ClusterCore.Storage.Embedded.Writes;

/// <summary>A write on its way through the writer.</summary>
internal abstract class PendingWrite
{
    /// <summary>Must be alone in its batch.</summary>
    public virtual bool Alone => false;

    /// <summary>Gives up if the caller has; past this point the write happens, whoever still waits for it.</summary>
    public virtual bool TryCancel() => false;

    /// <summary>Runs when it is the write's turn, perhaps twice: what it leaves in the batch may be thrown away.</summary>
    public abstract void Apply(StoreBatch batch);

    /// <summary>The batch is durable.</summary>
    public abstract void Complete();

    /// <summary>There was no room for the batch on the disk, and nothing of it happened.</summary>
    public abstract void Refuse(long revision);

    public abstract void Fail(Exception exception);
}

internal abstract class PendingWrite<TResult>(CancellationToken cancellationToken = default) : PendingWrite
{
    private readonly TaskCompletionSource<TResult> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Completion => completion.Task;

    protected TResult? Outcome { get; set; }

    public override bool TryCancel() =>
        cancellationToken.IsCancellationRequested && completion.TrySetCanceled(cancellationToken);

    public override void Complete() => completion.TrySetResult(Outcome!);

    public override void Fail(Exception exception) => completion.TrySetException(exception);

    public override void Refuse(long revision) => completion.TrySetResult(Refusal(revision));

    protected abstract TResult Refusal(long revision);
}
