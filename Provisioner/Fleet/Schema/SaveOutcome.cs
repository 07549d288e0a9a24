using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Flotilla.Provisioner.Fleet.Schema;

internal static class SaveOutcome
{
    /// <summary>False when a unique index or a foreign key refused: two users were at it, and the other one won.</summary>
    public static async Task<bool> TrySaveAsync(this FleetDbContext context, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return true;
        }
        catch (DbUpdateConcurrencyException)
        {
            return false;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException
        {
            SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation,
        })
        {
            return false;
        }
    }
}
