namespace Flotilla.ClusterCore.ApiServer.Statuses;

/// <summary>
/// Ends a request with a Status. A refusal may be found anywhere between the first byte of the body and the store; the
/// pipeline is the one place that turns it into an answer.
/// </summary>
internal sealed class StatusException(Status status) : Exception(status.Message)
{
    public Status Status => status;
}
