namespace Flotilla.Portal.Contracts;

public static class OperationStates
{
    public const string Succeeded = "succeeded";

    public const string Failed = "failed";

    public static bool IsOver(this OperationView operation) => operation.State is Succeeded or Failed;

    public static bool IsOver(this OperationSummary operation) => operation.State is Succeeded or Failed;
}
