using Flotilla.Provisioner.Fleet;
using Microsoft.Extensions.Localization;

namespace Flotilla.Portal.Web.Localization;

internal static class ErrorText
{
    /// <summary>A refusal in the user's language where there is a text for its code; else as the domain says it.</summary>
    public static string Of(this IStringLocalizer<Texts> texts, FleetError error)
    {
        var text = texts[$"error {error.Code}"];
        return text.ResourceNotFound ? error.Message : text;
    }
}
