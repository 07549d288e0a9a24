namespace Flotilla.Portal.Contracts;

public static class OperationStates
{
    public const string Succeeded = "succeeded";

    public const string Failed = "failed";

    public const string Cancelled = "cancelled";

    public static bool IsOver(this OperationView operation) => IsOver(operation.State);

    public static bool IsOver(this OperationSummary operation) => IsOver(operation.State);

    private static bool IsOver(string state) => state is Succeeded or Failed or Cancelled;
}
