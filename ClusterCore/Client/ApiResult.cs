using System.Diagnostics.CodeAnalysis;

namespace Flotilla.ClusterCore.Client;

/// <summary>The answer to a request: a value, or the status with which the server refused it (4xx).</summary>
public readonly record struct ApiResult<T> where T : class
{
    public ApiResult(T value) => Value = value;

    public ApiResult(ApiStatus failure) => Failure = failure;

    public T? Value { get; }
    public ApiStatus? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value)), MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Value is not null;

    public bool IsNotFound => Failure is { Code: 404 };
    public bool IsConflict => Failure is { Reason: ApiReason.Conflict };
    public bool AlreadyExists => Failure is { Reason: ApiReason.AlreadyExists };
    public bool IsGone => Failure is { Code: 410 };

    /// <summary>The value; throws where the caller has no answer of its own to a refusal.</summary>
    /// <exception cref="ApiException">The server refused the request.</exception>
    public T OrThrow() => Succeeded ? Value : throw new ApiException(Failure ?? new ApiStatus { Message = "no answer" });
}

/// <summary>The server failed (5xx), or refused what its caller could not do without.</summary>
public sealed class ApiException(ApiStatus status, Exception? inner = null) : Exception(status.ToString(), inner)
{
    public ApiStatus Status { get; } = status;
}
