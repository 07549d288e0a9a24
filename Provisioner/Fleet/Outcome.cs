namespace Flotilla.Provisioner.Fleet;

/// <summary>Why a command was refused. <paramref name="Code"/> is stable (<c>name.taken</c>), <paramref name="Field"/> names the input at fault.</summary>
public sealed record FleetError(string Code, string Message, string? Field = null);

/// <summary>What a command returns: its value, or the reason why nothing was done.</summary>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, FleetError? error) => (Value, Error) = (value, error);

    public T? Value { get; }

    public FleetError? Error { get; }

    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Value))]
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(FleetError error) => new(default, error);
}
