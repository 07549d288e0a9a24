using Microsoft.AspNetCore.Identity;

namespace Flotilla.Portal.Identity.Accounts;

public static class AccountErrors
{
    public static IReadOnlyList<AccountError> Of(IdentityResult result) =>
        [.. result.Errors.Select(error => new AccountError(error.Description, Field(error.Code)))];

    private static string? Field(string code) => code switch
    {
        _ when code.StartsWith("Password", StringComparison.Ordinal) => "password",
        "DuplicateEmail" or "InvalidEmail" or "DuplicateUserName" or "InvalidUserName" => "email",
        _ => null,
    };
}
